/** The inner loop of a volunteer: local steps from a round's start, cancellable and throttled. */
import type { ModelSpec } from '../models/modelSpec.ts';
import type { Batch, Preview } from '../objectives/objective.ts';
import { objectiveOf } from '../objectives/registry.ts';
import type { Key } from '../random/key.ts';
import {
  backendTitle,
  liveTensors,
  requireBackend,
  startBackend,
  type BackendChoice,
  type BackendName,
} from '../tensor/backend.ts';
import type { ParamSchema } from '../tensor/params.ts';
import { createLocalModel } from './localModel.ts';
import { trainRound } from './trainRound.ts';

export interface TrainRequest {
  /** The round's start, in schema order; borrowed. */
  readonly params: Float32Array;
  readonly minSteps: number;
  readonly maxSteps: number;
  /** Wall-clock milliseconds for the round's steps; no step beyond `minSteps` starts that would probably end later. */
  readonly budgetMs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  /** Of this round on this volunteer; step s draws from `fold(key, s)`. */
  readonly key: Key;
  /** What step 0, 1, … trains on. */
  nextBatch(step: number): Batch;
  readonly optimizer: 'adamw' | 'sgd';
}

export interface TrainOutcome {
  /** The local parameters. */
  readonly params: Float32Array;
  readonly steps: number;
  readonly samples: number;
  /** Mean over the steps. */
  readonly loss: number;
  /** Wall-clock milliseconds from the first step to the last, pauses of the throttle included. */
  readonly trainMs: number;
}

export type TrainResult = TrainOutcome | { readonly cancelled: true } | { readonly failed: string };

export interface TrainHooks {
  onStep(step: number, loss: number): void;
  /** Asked before every step: whether the round ends with those that were taken, however few; without any it comes to nothing. */
  isCancelled(): boolean;
  /** Duty cycle, above 0 to 1: the share of the time spent computing. Asked after every step; 1 when left out. */
  throttle?(): number;
}

export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Lets other work of this thread run, and waits about `ms` milliseconds (0 when left out). */
  pause(ms?: number): Promise<void>;
}

export interface Trainer {
  readonly backend: BackendName;
  /** What people are shown: the backend, and which SIMD it runs. */
  readonly device: string;
  readonly schema: ParamSchema;
  /** AdamW's moments stay inside from round to round; a round that is cancelled leaves its mark on them, one that fails clears them. */
  train(request: TrainRequest, hooks: TrainHooks): Promise<TrainResult>;
  preview(params: Float32Array, pictures: Uint8Array, key: Key): Promise<Preview>;
  encode(params: Float32Array, pictures: Uint8Array, count: number): Float32Array;
  /** Tensors alive on this thread. */
  liveTensors(): number;
  dispose(): void;
}

export interface TrainerOptions extends BackendChoice {
  readonly clock: Clock;
}

/** Starts the tensor backend of this thread and makes a trainer for `spec`. Throws where no backend starts. */
export async function createTrainer(spec: ModelSpec, options: TrainerOptions): Promise<Trainer> {
  const backend = await startBackend(options);
  const objective = objectiveOf(spec);
  const model = createLocalModel(objective.schema);
  return {
    backend,
    device: backendTitle(),
    schema: objective.schema,
    async train(request, hooks) {
      requireBackend(backend);
      const result = await trainRound({ objective, clock: options.clock, model }, request, hooks);
      if ('failed' in result) model.forgetMoments();
      return result;
    },
    preview: (params, pictures, key) => objective.preview(params, pictures, key),
    encode(params, pictures, count) {
      requireBackend(backend);
      return objective.encode(params, pictures, count);
    },
    liveTensors,
    dispose: () => model.dispose(),
  };
}
