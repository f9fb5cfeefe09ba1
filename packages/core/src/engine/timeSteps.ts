import { key, fold, normal, uint32Stream } from '../random/key.ts';
import { schemaSize } from '../tensor/params.ts';
import { failed } from './training.ts';
import type { Batch } from '../objectives/objective.ts';
import type { WorkerPort } from '../volunteer/ports.ts';
import type { EngineHost } from './engine.ts';
import type { ParsedRun } from './parseRun.ts';

/** The first steps compile shaders and fill pools. */
const WARM_UP_STEPS = 2;
const TIMED_STEPS = 5;
/** Of random weights: about what models begin with. */
const SPREAD = 0.02;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Infinity;

/** Noise of the run's shape; labels where its shards carry them, each below its number of classes. */
function randomBatch({ spec, dataset }: ParsedRun, batchSize: number): Batch {
  const { imageSize, numChannels } = spec.config;
  const { classCount } = dataset;
  const nextPixel = uint32Stream(fold(key(0), 'pictures'));
  const nextLabel = uint32Stream(fold(key(0), 'labels'));
  const length = batchSize * imageSize ** 2 * numChannels;
  const pictures = Uint8Array.from({ length }, () => nextPixel() & 255);
  if (classCount === undefined) return { pictures };
  return { pictures, labels: Uint16Array.from({ length: batchSize }, () => nextLabel() % classCount) };
}

/**
 * Trains a model of its own like the run's on random pictures and takes the median step. Begins no step after
 * `deadlineMs`; with fewer than one timed step until then it fails.
 */
export async function timeSteps(
  host: Pick<EngineHost, 'makeTrainer' | 'now'>,
  run: ParsedRun,
  { batchSize, deadlineMs }: { batchSize: number; deadlineMs: number },
): ReturnType<WorkerPort['time']> {
  const began = host.now();
  const trainer = await host.makeTrainer(run.spec);
  const batch = randomBatch(run, batchSize);
  const ends: number[] = [];
  const steps = WARM_UP_STEPS + TIMED_STEPS;
  const request = {
    ...{ minSteps: steps, maxSteps: steps, budgetMs: deadlineMs, batchSize, learningRate: 1e-4 },
    params: normal(fold(key(0), 'weights'), schemaSize(trainer.schema)).map((value) => SPREAD * value),
    optimizer: 'adamw' as const,
    key: key(0),
    nextBatch: () => batch,
  };
  try {
    const result = await trainer.train(request, {
      onStep: () => void ends.push(host.now()),
      isCancelled: () => host.now() - began > deadlineMs,
    });
    if ('failed' in result) return failed(result.failed);
  } finally {
    trainer.dispose();
  }
  const stepsMs = ends.slice(1).map((end, i) => end - (ends[i] as number));
  const timed = stepsMs.slice(WARM_UP_STEPS - 1);
  if (timed.length === 0) return failed(`it took ${ends.length} steps in ${Math.round(deadlineMs / 1e3)} s`);
  return { kind: 'timed', samplesPerSecond: batchSize / Math.max(1e-6, median(timed) / 1e3) };
}
