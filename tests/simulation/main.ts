/**
 * `npm run simulate -- --seeds N --first-seed S --json`: seeded fault rounds; non-zero on any broken rule. `--plant NAME`
 * takes a check out of the system, to see that the rules notice.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { playSeeds } from './playSeeds.ts';
import { PLANTED, type Planted } from './scenario.ts';
import { summaryOf } from './summary.ts';
import type { Outcome } from './world.ts';

const options = {
  seeds: { type: 'string', default: '500' },
  'first-seed': { type: 'string', default: '1' },
  threads: { type: 'string', default: String(availableParallelism()) },
  plant: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function fail(sentence: string): never {
  process.stderr.write(`simulate: ${sentence}\n`);
  return process.exit(2);
}

function readFlags() {
  try {
    return parseArgs({ options }).values;
  } catch (cause) {
    return fail(
      `${(cause as Error).message} Flags: --seeds N --first-seed S --threads N --plant NAME --json.`,
    );
  }
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1
    ? number
    : fail(`--${flag} takes a whole number from 1, received "${text}".`);
}

const isPlanted = (name: string): name is Planted => (PLANTED as readonly string[]).includes(name);

function plantedOf(name: string | undefined): Planted | undefined {
  if (name === undefined || isPlanted(name)) return name;
  return fail(`--plant takes one of ${PLANTED.join(', ')}, received "${name}".`);
}

const values = readFlags();
const plan = {
  first: wholeNumber('first-seed', values['first-seed']),
  count: wholeNumber('seeds', values.seeds),
  threads: wholeNumber('threads', values.threads),
  planted: plantedOf(values.plant),
};
const PROGRESS_EVERY_MS = 5_000;
const startedMs = Date.now();
const outcomes: Outcome[] = [];
let shownMs = startedMs;
await playSeeds(plan, (outcome) => {
  outcomes.push(outcome);
  const plant = plan.planted === undefined ? '' : ` --plant ${plan.planted}`;
  const replay = `npm run simulate -- --seeds 1 --first-seed ${outcome.seed}${plant}`;
  for (const sentence of outcome.broken)
    process.stderr.write(`seed ${outcome.seed}: ${sentence}\n  replay: ${replay}\n`);
  if (values.json || Date.now() - shownMs < PROGRESS_EVERY_MS) return;
  shownMs = Date.now();
  process.stderr.write(`${outcomes.length} of ${plan.count} seeds\n`);
});
const summary = summaryOf(outcomes, plan.first, (Date.now() - startedMs) / 1e3);
process.stdout.write(values.json ? `${JSON.stringify(summary.figures)}\n` : `${summary.sentence}\n`);
process.exitCode = summary.figures.brokenRules > 0 ? 1 : 0;
