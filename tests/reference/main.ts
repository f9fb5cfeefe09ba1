/** npm run reference -- DIR [--backend murmur|wasm|cpu]: checks the numerics against golden values, a line per fixture file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { backendNames, backendTitle, startBackend, type BackendName } from '@murmur/core/tensor/backend';
import type { FixtureOutcome } from './checkFiles.ts';
import { runFolder } from './runFolder.ts';
import { nodeWasmPath } from './wasmPath.ts';

const USAGE = 'usage: npm run reference -- DIR [--backend murmur|wasm|cpu]';

const isBackend = (name: string): name is BackendName => backendNames.some((known) => known === name);

function lineOf(outcome: FixtureOutcome): string {
  const name = outcome.file.padEnd(26);
  switch (outcome.status) {
    case 'passed':
      return `${name} passed     ${outcome.comparisons} comparisons, at most ${(100 * outcome.worstShare).toFixed(1)} % of the tolerance`;
    case 'skipped':
      return `${name} skipped    ${outcome.reason}`;
    case 'failed':
    case 'malformed':
      return `${name} ${outcome.status.padEnd(10)} ${outcome.reasons.join('\n'.padEnd(39))}`;
  }
}

const complain = (sentence: string): number => {
  process.stderr.write(`reference: ${sentence}\n`);
  return 2;
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: 'string', default: 'murmur' } },
  });
  const [given] = positionals;
  if (given === undefined || positionals.length > 1) return complain(USAGE);
  const folder = resolve(given);
  if (!existsSync(folder))
    return complain(`the folder ${folder} does not exist; name one that holds fixture files`);
  if (!isBackend(values.backend)) return complain(`unknown backend ${values.backend}; ${USAGE}`);
  await startBackend({ backend: values.backend, wasmPath: nodeWasmPath() });
  const outcomes = await runFolder(folder);
  if (outcomes.length === 0) return complain(`no .json fixture lies directly in ${folder}`);
  for (const outcome of outcomes) process.stdout.write(`${lineOf(outcome)}\n`);
  const count = (status: FixtureOutcome['status']) => outcomes.filter((o) => o.status === status).length;
  const bad = count('failed') + count('malformed');
  process.stdout.write(
    `${count('passed')} passed, ${count('failed')} failed, ${count('malformed')} malformed, ${count('skipped')} skipped (${backendTitle()})\n`,
  );
  return bad === 0 && count('passed') > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.exitCode = complain(error instanceof Error ? error.message : String(error));
}
