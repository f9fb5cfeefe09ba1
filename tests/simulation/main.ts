/**
 * `npm run simulate -- --seeds N --first-seed S --json`: seeded fault rounds; non-zero on any broken rule. `--plant NAME`
 * takes a check out of the system, to see that the rules notice. `--peers N` prints instead what N volunteers send in a round and how
 * long that takes, without training; `--utilisation` what share of the time is spent training over slow links (`tiny` with 8 of its
 * joint batch of 64 a step, unless told otherwise). Both take `--codec`, `--parameters`, `--uplink-mbit`, `--delay-ms`; the latter
 * `--peers` and `--step-ms`.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { CODEC_NAMES } from '@murmur/core/codec/registry';
import { wantedCodecs } from '@murmur/core/round/ladder';
import { playSeeds } from './playSeeds.ts';
import { PLANTED, type Planted } from './scenario.ts';
import { summaryOf } from './summary.ts';
import { trafficOf } from './traffic.ts';
import { utilisationOf } from './utilisation.ts';
import type { Outcome } from './world.ts';

const options = {
  seeds: { type: 'string', default: '500' },
  'first-seed': { type: 'string', default: '1' },
  threads: { type: 'string', default: String(availableParallelism()) },
  plant: { type: 'string' },
  json: { type: 'boolean', default: false },
  utilisation: { type: 'boolean', default: false },
  peers: { type: 'string' },
  codec: { type: 'string', default: 'auto' },
  parameters: { type: 'string', default: '923280' },
  'uplink-mbit': { type: 'string', default: '10' },
  'delay-ms': { type: 'string', default: '100' },
  'step-ms': { type: 'string', default: '25' },
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
      `${(cause as Error).message} Flags: --seeds N --first-seed S --threads N --plant NAME --json, or --peers N, or --utilisation.`,
    );
  }
}

function wholeNumber(flag: string, text: string): number {
  const number = Number(text);
  return Number.isSafeInteger(number) && number >= 1
    ? number
    : fail(`--${flag} takes a whole number from 1, received "${text}".`);
}

function tellUtilisation(): void {
  const codec = wantedCodecs.find((name) => name === values.codec);
  if (!codec) return fail(`--codec takes one of ${wantedCodecs.join(', ')}, received "${values.codec}".`);
  const told = utilisationOf({
    codec,
    peers: wholeNumber('peers', values.peers ?? '8'),
    parameters: wholeNumber('parameters', values.parameters),
    uplinkBits: 1e6 * wholeNumber('uplink-mbit', values['uplink-mbit']),
    // Delays are drawn evenly up to the longest.
    mostDelayMs: 2 * wholeNumber('delay-ms', values['delay-ms']),
    stepMs: wholeNumber('step-ms', values['step-ms']),
  });
  const sentence = `${told.peers} volunteers train ${(100 * told.utilisation).toFixed(1)} % of the time: ${told.innerSteps.toFixed(0)} inner steps, then ${(told.exchangeMs / 1e3).toFixed(1)} s of exchange`;
  process.stdout.write(values.json ? `${JSON.stringify(told)}\n` : `${sentence}\n`);
}

function tellTraffic(peers: string): void {
  const codec = CODEC_NAMES.find((name) => name === (values.codec === 'auto' ? 'int8' : values.codec));
  if (!codec || codec === 'topk')
    return fail(`--codec takes float32, float16, int8 or int4 with --peers, received "${values.codec}".`);
  const startedMs = Date.now();
  const told = trafficOf({
    codec,
    peers: wholeNumber('peers', peers),
    parameters: wholeNumber('parameters', values.parameters),
    uplinkBits: 1e6 * wholeNumber('uplink-mbit', values['uplink-mbit']),
    mostDelayMs: 2 * wholeNumber('delay-ms', values['delay-ms']),
  });
  const seconds = (Date.now() - startedMs) / 1e3;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(2)} MB`;
  const sentence = `${told.peers} volunteers in ${told.groups} groups: each sends ${mb(told.volunteerBytes)} a round (at most ${mb(told.mostVolunteerBytes)}), the coordinator moves ${told.coordinatorCopies.toFixed(2)} encoded copies (${mb(told.coordinatorBytes)}), the exchange takes ${(told.exchangeMs / 1e3).toFixed(1)} s`;
  process.stdout.write(values.json ? `${JSON.stringify({ ...told, seconds })}\n` : `${sentence}\n`);
}

const isPlanted = (name: string): name is Planted => (PLANTED as readonly string[]).includes(name);

function plantedOf(name: string | undefined): Planted | undefined {
  if (name === undefined || isPlanted(name)) return name;
  return fail(`--plant takes one of ${PLANTED.join(', ')}, received "${name}".`);
}

const values = readFlags();
if (values.utilisation) {
  tellUtilisation();
  process.exit(0);
}
if (values.peers !== undefined) {
  tellTraffic(values.peers);
  process.exit(0);
}
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
