/** npm run bench -- VERB [--json] [--rounds N] [--steps N]: measurements; JSON alone on stdout, progress on stderr. */
import { parseArgs } from 'node:util';
import { step } from './step/step.ts';

export interface BenchOptions {
  /** Alternated rounds, of which medians are taken. */
  readonly rounds: number;
  /** Timed steps in a round. */
  readonly steps: number;
  log(line: string): void;
}

const verbs: Readonly<Record<string, (options: BenchOptions) => Promise<object>>> = { step };
const USAGE = `usage: npm run bench -- ${Object.keys(verbs).join('|')} [--json] [--rounds N] [--steps N]`;

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function countOf(name: string, text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${name} needs a whole number above 0, received ${text}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '8' },
    },
  });
  const verb = verbs[positionals[0] ?? ''];
  if (verb === undefined || positionals.length > 1) throw new Error(USAGE);
  const options = { rounds: countOf('rounds', values.rounds), steps: countOf('steps', values.steps), log };
  const result = await verb(options);
  process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
}

try {
  await main();
} catch (error) {
  log(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
