/** samples/s of whole training steps in Node and in Chromium, beside PyTorch on one thread in the same run. */
import type { BenchOptions } from '../main.ts';
import { findChromium } from '../../support/bundledPage.ts';
import { chromiumMeter } from './chromium.ts';
import { BATCH, stepMeter, type StepTimes } from './measureSteps.ts';
import { torchMeter } from './torch.ts';

type Name = 'torch' | 'nodePlain' | 'chromiumRelaxed' | 'chromiumPlain' | 'chromiumWasm';

interface Contender {
  readonly name: Name;
  /** What it runs on. */
  readonly on: string;
  /** samples/s of one round. */
  round(steps: number): Promise<number>;
  close(): Promise<void>;
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
};

const rateOf = ({ ms }: StepTimes): number => (1000 * BATCH) / median(ms);

const nothing = (): Promise<void> => Promise.resolve();

async function nodeContender(): Promise<Contender> {
  const pause = () => new Promise<void>((done) => setImmediate(done));
  const choice = { backend: 'murmur', variant: 'plain' } as const;
  const measure = await stepMeter(choice, { now: () => performance.now(), pause });
  const { backend } = await measure(3);
  return {
    name: 'nodePlain',
    on: `Node ${process.versions.node}, ${backend}`,
    round: async (steps) => rateOf(await measure(steps)),
    close: nothing,
  };
}

/** One worker for each variant of our backend, and one for tfjs's. */
async function chromiumContenders(log: (line: string) => void): Promise<Contender[]> {
  const path = findChromium();
  if (path === undefined) {
    log('bench: no Chromium found; set CHROME_PATH to measure it');
    return [];
  }
  const meter = await chromiumMeter(path);
  const choices = [
    ['chromiumRelaxed', 'relaxed'],
    ['chromiumPlain', 'plain'],
    ['chromiumWasm', 'wasm'],
  ] as const;
  const contenders: Contender[] = [];
  for (const [name, choice] of choices) {
    const { backend } = await meter.measure(choice, 3);
    const round = async (steps: number) => rateOf(await meter.measure(choice, steps));
    const close = contenders.length === 0 ? () => meter.close() : nothing;
    contenders.push({ name, on: `Chromium ${meter.version}, ${backend}`, round, close });
  }
  return contenders;
}

async function torchContender(log: (line: string) => void): Promise<Contender | undefined> {
  const torch = await torchMeter();
  if ('missing' in torch) {
    log(`bench: PyTorch is left out: ${torch.missing}`);
    return undefined;
  }
  const round = async (steps: number) => (await torch.measure(steps)).samples_per_s;
  return { name: 'torch', on: 'PyTorch, one thread', round, close: nothing };
}

const rounded = (value: number): number => Number(value.toPrecision(3));

/** Medians over rounds in which the contenders take turns, so that a busy machine is busy for all of them. */
export async function step({ rounds, steps, log }: BenchOptions): Promise<object> {
  const torch = await torchContender(log);
  const contenders = [
    ...(torch === undefined ? [] : [torch]),
    await nodeContender(),
    ...(await chromiumContenders(log)),
  ];
  const rates = new Map<Name, number[]>(contenders.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const { name, round: measure } of contenders) {
        const rate = await measure(steps);
        rates.get(name)?.push(rate);
        log(`round ${round + 1}/${rounds} ${name.padEnd(15)} ${rate.toFixed(1)} samples/s`);
      }
    }
  } finally {
    for (const contender of contenders) await contender.close();
  }
  const rate = (name: Name): number | null =>
    rates.has(name) ? rounded(median(rates.get(name) ?? [])) : null;
  const ratio = (name: Name, to: Name): number | null => {
    const pairs = (rates.get(name) ?? []).map((own, i) => own / (rates.get(to)?.[i] ?? NaN));
    return rates.has(name) && rates.has(to) ? rounded(median(pairs)) : null;
  };
  return {
    bench: 'step',
    model: 'tiny masked autoencoder, 32×32×1, patch 4, 75 % hidden',
    batch: BATCH,
    unit: 'samples/s',
    rounds,
    stepsPerRound: steps,
    torch: rate('torch'),
    node: rate('nodePlain'),
    chromium: rate('chromiumRelaxed'),
    chromiumPlain: rate('chromiumPlain'),
    chromiumWasm: rate('chromiumWasm'),
    ratios: {
      nodeToTorch: ratio('nodePlain', 'torch'),
      chromiumToTorch: ratio('chromiumRelaxed', 'torch'),
      nodePlainToTorch: ratio('nodePlain', 'torch'),
      chromiumRelaxedToTorch: ratio('chromiumRelaxed', 'torch'),
      chromiumPlainToTorch: ratio('chromiumPlain', 'torch'),
      chromiumRelaxedToTfjsWasm: ratio('chromiumRelaxed', 'chromiumWasm'),
    },
    on: Object.fromEntries(contenders.map(({ name, on }) => [name, on])),
  };
}
