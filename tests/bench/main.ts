/** npm run bench -- VERB: measurements; one JSON object on stdout, progress on stderr. */
import { parseArgs } from 'node:util';
import { codecs } from './codecs/codecs.ts';
import { engine } from './engine/engine.ts';
import { exchange } from './exchange/exchange.ts';
import type { BenchOptions } from './options.ts';
import { report } from './report/report.ts';
import { spot } from './spot/spot.ts';
import { start } from './start/start.ts';
import { steady } from './steady/steady.ts';
import { step } from './step/step.ts';
import { views } from './views/views.ts';

const verbs: Readonly<Record<string, (options: BenchOptions) => Promise<object>>> = {
  engine,
  step,
  views,
  codecs,
  steady,
  start,
  exchange,
  spot,
  report,
};
const USAGE =
  `usage: npm run bench -- ${Object.keys(verbs).join('|')} ` +
  '[--json] [--rounds N] [--steps N] [--batch N] [--peers N] [--memory-links] [--only PART,…] [--quick] [--gpu]';

const log = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isInteger(count) && count > 0) return count;
  throw new Error(`--${name} needs a whole number above 0, received ${text}`);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      steps: { type: 'string' },
      batch: { type: 'string' },
      peers: { type: 'string' },
      only: { type: 'string' },
      'memory-links': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      gpu: { type: 'boolean', default: false },
    },
  });
  const verb = verbs[positionals[0] ?? ''];
  if (verb === undefined || positionals.length > 1) throw new Error(USAGE);
  const result = await verb({
    rounds: countOf('rounds', values.rounds),
    steps: countOf('steps', values.steps),
    batch: countOf('batch', values.batch),
    peers: countOf('peers', values.peers),
    only: values.only?.split(','),
    memoryLinks: values['memory-links'],
    quick: values.quick,
    gpu: values.gpu,
    log,
  });
  process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
}

try {
  await main();
} catch (error) {
  log(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
