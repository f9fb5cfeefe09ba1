/** npm run bench -- views: what making the two views of a batch costs, beside the whole training step that needs them, in one run. */
import { twoViews } from '@murmur/core/augment/views';
import { specFor, type SimclrSpec } from '@murmur/core/models/modelSpec';
import type { PresetName } from '@murmur/core/models/presets';
import { unitPixels } from '@murmur/core/objectives/pixels';
import { fold, key, uint32Stream } from '@murmur/core/random/key';
import { createTrainer, type Clock } from '@murmur/core/train/trainer';
import { alternate } from '../alternate.ts';
import type { BenchOptions } from '../options.ts';
import { stepsOf } from '../stand/stepSampler.ts';
import { median, rounded } from '../median.ts';

const RECIPES = ['simclr', 'byol'] as const;
const PRESETS = ['nano', 'tiny'] as const satisfies readonly PresetName[];
/** Grey pictures of 28 pixels are padded to 32, as ingest pads them. */
const PICTURES = [
  { title: '32×32×3', channels: 3 },
  { title: '28×28×1, padded to 32×32×1', channels: 1 },
] as const;
const BATCH = 64;

export interface ViewsRow {
  readonly pictures: string;
  readonly recipe: (typeof RECIPES)[number];
  readonly preset: PresetName;
  /** Medians, in milliseconds. */
  readonly viewsMs: number | null;
  readonly stepMs: number | null;
  /** The median over the rounds of one divided by the other. */
  readonly share: number | null;
}

export interface ViewsResult {
  readonly bench: 'views';
  readonly batch: number;
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly on: string;
  readonly rows: readonly ViewsRow[];
}

type Case = Pick<ViewsRow, 'recipe' | 'preset'> & { readonly pictures: (typeof PICTURES)[number] };

const clock: Clock = {
  now: () => performance.now(),
  pause: () => new Promise((done) => setImmediate(done)),
};

function specOf({ recipe, preset, pictures: { channels } }: Case): SimclrSpec {
  const statistics = (value: number) => Array.from({ length: channels }, () => value);
  const spec = specFor({
    objective: 'simclr',
    preset,
    picture: { imageSize: 32, patchSize: 4, numChannels: channels },
    pixels: { mean: statistics(0.5), std: statistics(0.29) },
    changes: { views: recipe },
  });
  if (spec.objective !== 'simclr') throw new Error(`specOf: expected simclr, received ${spec.objective}`);
  return spec;
}

/** Everything that a step does before the model sees its pictures: to units, both views. */
function viewsSampler({ config }: SimclrSpec, batch: number): () => number {
  const { imageSize: side, numChannels: channels, cropScale, colorStrength, views: recipe } = config;
  const next = uint32Stream(key(1));
  const pictures = Uint8Array.from({ length: batch * side ** 2 * channels }, () => next() >>> 24);
  const options = { recipe, side, channels, cropScale, colorStrength };
  let calls = 0;
  return () => {
    const began = clock.now();
    twoViews(unitPixels(pictures), options, fold(key(2), calls++));
    return clock.now() - began;
  };
}

const medianOf = (count: number, sample: () => number): number =>
  median(Array.from({ length: count }, sample));

async function rowOf(one: Case, { rounds, steps, batch, log }: Measured): Promise<ViewsRow> {
  const spec = specOf(one);
  const views = viewsSampler(spec, batch);
  const trainer = await createTrainer(spec, { backend: 'murmur', clock });
  const train = stepsOf(trainer, batch, clock, spec.config);
  try {
    await train(2);
    medianOf(20, views); // until it is compiled
    const name = `${one.pictures.title} ${one.recipe} ${one.preset}`;
    const { middle, ratio } = await alternate<'views' | 'step'>(
      [
        { name: 'views', visit: async () => medianOf(4 * steps, views) },
        { name: 'step', visit: async () => median(await train(steps)) },
      ],
      rounds,
      (what, ms, round) => log(`round ${round}/${rounds} ${name} ${what} ${rounded(ms)} ms`),
    );
    const figures = { viewsMs: middle('views'), stepMs: middle('step'), share: ratio('views', 'step') };
    return { pictures: one.pictures.title, recipe: one.recipe, preset: one.preset, ...figures };
  } finally {
    trainer.dispose();
  }
}

interface Measured {
  readonly rounds: number;
  readonly steps: number;
  readonly batch: number;
  log(line: string): void;
}

/** Medians over rounds in which views and steps take turns. */
export async function views(options: BenchOptions): Promise<ViewsResult> {
  const { quick, log, batch = BATCH, rounds = quick ? 1 : 5, steps = quick ? 2 : 6 } = options;
  const rows: ViewsRow[] = [];
  for (const pictures of PICTURES)
    for (const preset of PRESETS)
      for (const recipe of RECIPES)
        rows.push(await rowOf({ pictures, preset, recipe }, { rounds, steps, batch, log }));
  const on = `Node ${process.versions.node}, murmur backend, one thread`;
  return { bench: 'views', batch, rounds, stepsPerRound: steps, on, rows };
}
