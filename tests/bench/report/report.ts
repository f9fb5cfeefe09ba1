/** npm run bench -- report: measures everything, or the parts after --only, and writes the tables of docs/PERFORMANCE.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../../support/jsonProcess.ts';
import { codecs } from '../codecs/codecs.ts';
import { engine, parts } from '../engine/engine.ts';
import type { BenchOptions } from '../options.ts';
import { start } from '../start/start.ts';
import { steady } from '../steady/steady.ts';
import { views } from '../views/views.ts';
import { engineSections } from './engineTables.ts';
import { codecsText, startText, steadyText, viewsText } from './otherTables.ts';
import { withSections } from './sections.ts';

const DOCUMENT = join(ROOT, 'docs/PERFORMANCE.md');

async function write(sections: ReadonlyMap<string, string>): Promise<void> {
  const text = withSections(await readFile(DOCUMENT, 'utf8'), sections);
  const style = await resolveConfig(DOCUMENT);
  await writeFile(DOCUMENT, await format(text, { ...style, filepath: DOCUMENT }));
}

/** What is measured besides the engine: what it gives, and its section. */
const others: Readonly<Record<string, (options: BenchOptions) => Promise<readonly [object, string]>>> = {
  views: async (options) => {
    const measured = await views(options);
    return [measured, viewsText(measured)];
  },
  codecs: async (options) => {
    const measured = await codecs(options);
    return [measured, codecsText(measured)];
  },
  start: async (options) => {
    const measured = await start(options);
    return [measured, startText(measured)];
  },
  steady: async (options) => {
    const measured = await steady(options);
    return [measured, steadyText(measured)];
  },
};

/** Sections are written as soon as they are measured. */
export async function report(options: BenchOptions): Promise<object> {
  const { only, log } = options;
  const known = [...Object.keys(parts), ...Object.keys(others)];
  const wanted = known.filter((name) => only?.includes(name) ?? true);
  const unknown = only?.filter((name) => !known.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`--only takes ${known.join(', ')}; received ${unknown.join(', ')}`);
  const results: Record<string, object> = {};
  const engineParts = wanted.filter((name) => name in parts);
  if (engineParts.length > 0) {
    const measured = await engine({ ...options, only: engineParts });
    await write(engineSections(measured));
    results['engine'] = measured;
  }
  // their counts are not those of the rounds
  const own = { ...options, rounds: undefined, steps: undefined };
  for (const name of wanted) {
    const measured = await others[name]?.(own);
    if (measured === undefined) continue;
    await write(new Map([[name, measured[1]]]));
    results[name] = measured[0];
  }
  log(`bench: the tables in ${DOCUMENT} are new`);
  return results;
}
