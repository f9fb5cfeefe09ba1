/** `npm run simulate -- --seeds N --first-seed S --json`: seeded fault rounds; non-zero on any broken rule. */
import { parseArgs } from 'node:util';
import { simulate, type Outcome } from './world.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '500' },
    'first-seed': { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  process.stderr.write(`simulate: --${flag} takes a whole number from 1, received "${text}".\n`);
  return process.exit(2);
}

const seeds = wholeNumber('seeds', values.seeds);
const firstSeed = wholeNumber('first-seed', values['first-seed']);
const startedMs = Date.now();
const outcomes: Outcome[] = [];
for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
  const outcome = simulate(seed);
  outcomes.push(outcome);
  for (const sentence of outcome.broken) {
    process.stderr.write(
      `seed ${seed}: ${sentence}\n  replay: npm run simulate -- --seeds 1 --first-seed ${seed}\n`,
    );
  }
}
const sum = (of: (o: Outcome) => number): number => outcomes.reduce((total, o) => total + of(o), 0);
const rounds = sum((o) => o.rounds);
const committed = sum((o) => o.committed);
const failing = outcomes.filter((o) => o.broken.length > 0).map((o) => o.seed);
const summary = {
  seeds,
  firstSeed,
  rounds,
  committed,
  commitRate: committed / Math.max(1, rounds),
  resyncs: sum((o) => o.resyncs),
  brokenRules: sum((o) => o.broken.length),
  failingSeeds: failing.slice(0, 20),
  seconds: (Date.now() - startedMs) / 1e3,
};
if (values.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
else {
  process.stdout.write(
    `${seeds} seeds, ${rounds} rounds, ${committed} committed (${(100 * summary.commitRate).toFixed(1)} %), ` +
      `${summary.resyncs} resyncs, ${summary.brokenRules} broken rules in ${summary.seconds.toFixed(1)} s\n`,
  );
}
process.exitCode = failing.length > 0 ? 1 : 0;
