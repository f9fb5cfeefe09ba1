/** Whole training steps of the tiny masked autoencoder; the same code in Node and in a browser's worker. */
import { specOf } from '@murmur/core/models/modelSpec';
import { initialParams } from '@murmur/core/models/parameters';
import { key, uint32Stream } from '@murmur/core/random/key';
import { createTrainer, type Clock, type TrainerOptions } from '@murmur/core/train/trainer';

export const BATCH = 64;
const SIDE = 32;
const spec = specOf('tiny', { imageSize: SIDE, patchSize: 4, numChannels: 1 }, { mean: [0.5], std: [0.29] });

export interface StepTimes {
  readonly backend: string;
  /** Milliseconds of each step: batch of random pixels, masking, forward, backward, AdamW and the read-back of the loss. */
  readonly ms: readonly number[];
}

function randomPictures(): Uint8Array {
  const next = uint32Stream(key(1));
  return Uint8Array.from({ length: BATCH * SIDE * SIDE }, () => next() >>> 24);
}

/** Starts a trainer; each call of what it returns times some steps. */
export async function stepMeter(
  choice: Pick<TrainerOptions, 'backend' | 'wasmPath' | 'variant'>,
  clock: Clock,
): Promise<(steps: number) => Promise<StepTimes>> {
  const trainer = await createTrainer(spec, { ...choice, clock });
  const pictures = randomPictures();
  const params = initialParams(spec.config, key(2));
  return async (steps) => {
    const ms: number[] = [];
    let began = 0;
    const request = {
      params,
      minSteps: steps,
      maxSteps: steps,
      budgetMs: 0,
      batchSize: BATCH,
      learningRate: 1e-3,
    };
    const nextBatch = () => {
      began = clock.now();
      return pictures;
    };
    await trainer.train(
      { ...request, key: key(3), optimizer: 'adamw', nextBatch },
      // the step's last work, its update, is over when it reports
      { onStep: () => ms.push(clock.now() - began), isCancelled: () => false },
    );
    return { backend: trainer.device, ms };
  };
}
