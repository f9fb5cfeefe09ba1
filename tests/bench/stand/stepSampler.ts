/** Whole training steps through the trainer that volunteers use. */
import { specFor, type ModelSpec } from '@murmur/core/models/modelSpec';
import { drawParams } from '@murmur/core/models/parameters';
import { key, uint32Stream } from '@murmur/core/random/key';
import { createTrainer, type Clock, type Trainer, type TrainerOptions } from '@murmur/core/train/trainer';
import type { Sampler } from './sampling.ts';
import type { StepTask } from './task.ts';

export const PICTURE = { imageSize: 32, patchSize: 4, numChannels: 1 } as const;

export const specOfStep = ({ objective, preset }: Pick<StepTask, 'objective' | 'preset'>): ModelSpec =>
  specFor({ objective, preset, picture: PICTURE, pixels: { mean: [0.5], std: [0.29] } });

/**
 * Trains `count` steps on. Each figure is a step from the end of the one before: batch of random pixels, masking or views,
 * forward, backward, AdamW and the read-back of the loss.
 */
export function stepsOf(
  trainer: Trainer,
  batch: number,
  clock: Clock,
  { imageSize, numChannels }: { imageSize: number; numChannels: number } = PICTURE,
): Sampler {
  const next = uint32Stream(key(1));
  const size = batch * imageSize ** 2 * numChannels;
  const pictures = Uint8Array.from({ length: size }, () => next() >>> 24);
  let params = drawParams(trainer.schema, key(2));
  let calls = 0;
  return async (count) => {
    const ends: number[] = [];
    const result = await trainer.train(
      {
        ...{ params, minSteps: count, maxSteps: count, budgetMs: 0, batchSize: batch, learningRate: 1e-3 },
        key: key(3 + calls++),
        optimizer: 'adamw',
        nextBatch: () => {
          if (ends.length === 0) ends.push(clock.now());
          return { pictures };
        },
      },
      { onStep: () => ends.push(clock.now()), isCancelled: () => false },
    );
    if (!('params' in result))
      throw new Error(`stepsOf: expected a trained model, received ${JSON.stringify(result)}`);
    params = result.params;
    return ends.slice(1).map((end, i) => end - (ends[i] as number));
  };
}

export async function stepSampler(task: StepTask, options: TrainerOptions): Promise<Sampler> {
  const sampler = stepsOf(await createTrainer(specOfStep(task), options), task.batch, options.clock);
  await sampler(2);
  return sampler;
}
