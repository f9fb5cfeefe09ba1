/** Training steps one after the other on this thread, and what they leave behind; the same in Node and in a page. */
import { liveTensors, tensorMemory } from '@murmur/core/tensor/backend';
import { createTrainer, type Clock } from '@murmur/core/train/trainer';
import { specOfStep, stepsOf } from '../stand/stepSampler.ts';

export interface Stretch {
  readonly device: string;
  /** Of each step. */
  readonly ms: readonly number[];
  /** Alive after the last of them. */
  readonly tensors: number;
  /** Of the backend's own memory. */
  readonly pool: { readonly pages: number; readonly usedBytes: number; readonly freeBytes: number } | null;
}

/** The tiny masked autoencoder on the murmur backend; each call trains on for some steps. */
export async function steadyRun(batch: number, clock: Clock): Promise<(steps: number) => Promise<Stretch>> {
  const trainer = await createTrainer(specOfStep({ objective: 'mae', preset: 'tiny' }), {
    backend: 'murmur',
    clock,
  });
  const advance = stepsOf(trainer, batch, clock);
  return async (steps) => {
    const ms = await advance(steps);
    return { device: trainer.device, ms, tensors: liveTensors(), pool: tensorMemory() ?? null };
  };
}
