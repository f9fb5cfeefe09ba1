/** One thread of a sweep: rehearses a configuration at a time and scores what came of it. */
import { readFile } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { codecOf } from '@murmur/core/codec/registry';
import { createShardStore, type ShardStore } from '@murmur/core/engine/shardStore';
import { pixelFeatures } from '@murmur/core/evaluate/pixelFeatures';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { scoreRepresentation } from '@murmur/core/evaluate/score';
import { tensorMultiplier } from '@murmur/core/evaluate/tensorProducts';
import { startOfRun } from '@murmur/core/models/parameters';
import type { RehearsalPlan } from '@murmur/core/rehearsal/plan';
import { rehearse } from '@murmur/core/rehearsal/rehearse';
import { startBackend } from '@murmur/core/tensor/backend';
import { createTrainer, type Trainer } from '@murmur/core/train/trainer';
import { batchRuleOf, rateAt } from '../cli/openRun.ts';
import { specFor } from '../cli/specFor.ts';
import type { LabelledPictures } from '../evaluate/learningMessages.ts';
import { chooseLabelled } from '../evaluate/scorer.ts';
import { openDataset, type Dataset } from '../ingest/dataset.ts';
import type { SweepOptions } from './sweepSettings.ts';
import { withEnough } from './evaluationPictures.ts';
import type { RunResult, Shares, SweepAnswer, SweepRequest, SweepSetup } from './messages.ts';

const setup = workerData as SweepSetup;
/** Nothing is ever late: budgets are endless here, and the time is that of the rounds. */
const clock = { now: () => 0, pause: () => Promise.resolve() };
const tell = (answer: SweepAnswer): void => parentPort?.postMessage(answer);
const EVALUATION_SEED = 0;

interface Data {
  readonly dataset: Dataset;
  readonly labelled: LabelledPictures;
  readonly shards: ShardStore;
}

async function openData(dataDir: string): Promise<Data> {
  await startBackend({}); // raw pixels are scored before any model is built
  const dataset = await openDataset(dataDir);
  const evaluation = await dataset.evaluation();
  if (evaluation?.labels === undefined)
    throw new Error(
      'A sweep compares scores, and these data have no labels to score with: name labelled data.',
    );
  const { labels } = evaluation;
  const enough = withEnough({ ...evaluation, labels }, setup);
  const labelled = chooseLabelled(enough, EVALUATION_SEED, setup.evalSamples);
  const shards = createShardStore(dataset.manifest);
  for (const { hash } of dataset.manifest.shards) {
    const path = dataset.shardPath(hash) ?? '';
    if (!shards.add(hash, await readFile(path)))
      throw new Error(`${path} is damaged: remove ${dataDir}, and the data are made anew.`);
  }
  return { dataset, labelled, shards };
}

const opened = new Map<string, Promise<Data>>();

/** Each data set is read once. */
function dataIn(dataDir: string): Promise<Data> {
  const found = opened.get(dataDir) ?? openData(dataDir);
  opened.set(dataDir, found);
  return found;
}

function score({ labels, classes, testCount }: LabelledPictures, features: Matrix): Shares {
  const rows = Uint32Array.from(labels.keys());
  const split = { test: rows.slice(0, testCount), train: rows.slice(testCount) };
  const { knn, probe } = scoreRepresentation(
    { features, labels, classes },
    { split, multiplier: tensorMultiplier },
  );
  return { knn, probe };
}

async function scoreEncoder({ labelled }: Data, trainer: Trainer, params: Float32Array, width: number) {
  const rows = labelled.labels.length;
  return score(labelled, { values: trainer.encode(params, labelled.pictures, rows), rows, width });
}

function planOf(options: SweepOptions): RehearsalPlan {
  const { codec } = options;
  if (codec === 'auto' || options.innerSteps === 'auto' || options.target.kind !== 'samples')
    throw new Error('sweep: expected a codec, inner steps and a number of samples');
  return {
    volunteers: options.volunteers,
    samples: options.target.amount,
    batch: batchRuleOf(options),
    innerSteps: options.innerSteps,
    overlap: options.overlap,
    optimizer: options.optimizer,
    learningRateAt: (progress) => rateAt(options, progress),
    codec: codecOf(codec),
    aggregate: options.aggregate,
    outer: { learningRate: options.outerLr, momentum: options.outerMomentum },
    seed: options.seed,
    attackers: options.attack === 'none' ? undefined : { kind: options.attack, share: options.attackers },
    spotChecks: options.spotChecks,
  };
}

async function run(data: Data, options: SweepOptions): Promise<RunResult> {
  const spec = specFor(options, data.dataset.manifest);
  const initial = startOfRun(spec, options.seed);
  const began = performance.now();
  const { params, ...facts } = await rehearse(planOf(options), initial, {
    makeTrainer: () => createTrainer(spec, { clock }),
    shards: { get: (hash) => data.shards.get(hash), entries: data.dataset.manifest.shards },
    onRound: async ({ samples }) => tell({ type: 'progress', samples }),
  });
  const seconds = (performance.now() - began) / 1000;
  const trainer = await createTrainer(spec, { clock });
  const shares = await scoreEncoder(data, trainer, params, spec.config.hiddenSize);
  trainer.dispose();
  return { ...facts, ...shares, seconds };
}

async function untrained(data: Data, options: SweepOptions): Promise<Shares> {
  const spec = specFor(options, data.dataset.manifest);
  const trainer = await createTrainer(spec, { clock });
  const params = startOfRun(spec, options.seed);
  const shares = await scoreEncoder(data, trainer, params, spec.config.hiddenSize);
  trainer.dispose();
  return shares;
}

async function answer(request: SweepRequest): Promise<SweepAnswer> {
  const data = await dataIn(request.dataDir);
  switch (request.type) {
    case 'run':
      return { type: 'ran', result: await run(data, request.options) };
    case 'untrained':
      return { type: 'scored', score: await untrained(data, request.options) };
    case 'pixels': {
      const { side, channels } = data.dataset.manifest;
      const features = pixelFeatures(data.labelled.pictures, { side, channels });
      return { type: 'scored', score: score(data.labelled, features) };
    }
  }
}

parentPort?.on('message', (request: SweepRequest) => {
  answer(request).then(tell, (error: unknown) => {
    tell({ type: 'failed', sentence: error instanceof Error ? error.message : String(error) });
  });
});
