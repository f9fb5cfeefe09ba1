/** npm run bench -- report: measures everything, or the parts after --only, and writes the tables of docs/PERFORMANCE.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../../support/jsonProcess.ts';
import { engine, parts } from '../engine/engine.ts';
import type { BenchOptions } from '../options.ts';
import { start } from '../start/start.ts';
import { steady } from '../steady/steady.ts';
import { engineSections } from './engineTables.ts';
import { startText, steadyText } from './otherTables.ts';
import { withSections } from './sections.ts';

const DOCUMENT = join(ROOT, 'docs/PERFORMANCE.md');

async function write(sections: ReadonlyMap<string, string>): Promise<void> {
  const text = withSections(await readFile(DOCUMENT, 'utf8'), sections);
  const style = await resolveConfig(DOCUMENT);
  await writeFile(DOCUMENT, await format(text, { ...style, filepath: DOCUMENT }));
}

/** Sections are written as soon as they are measured. */
export async function report(options: BenchOptions): Promise<object> {
  const { only, log } = options;
  const wanted = (name: string): boolean => only?.includes(name) ?? true;
  const engineParts = Object.keys(parts).filter(wanted);
  const unknown = only?.filter((name) => !(name in parts) && name !== 'steady' && name !== 'start') ?? [];
  if (unknown.length > 0)
    throw new Error(
      `--only takes ${Object.keys(parts).join(', ')}, steady, start; received ${unknown.join(', ')}`,
    );
  const results: Record<string, object> = {};
  if (engineParts.length > 0) {
    const measured = await engine({ ...options, only: engineParts });
    await write(engineSections(measured));
    results['engine'] = measured;
  }
  // their counts are not those of the rounds
  const own = { ...options, rounds: undefined, steps: undefined };
  if (wanted('start')) {
    const measured = await start(own);
    await write(new Map([['start', startText(measured)]]));
    results['start'] = measured;
  }
  if (wanted('steady')) {
    const measured = await steady(own);
    await write(new Map([['steady', steadyText(measured)]]));
    results['steady'] = measured;
  }
  log(`bench: the tables in ${DOCUMENT} are new`);
  return results;
}
