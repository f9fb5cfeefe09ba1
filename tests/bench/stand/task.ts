/** What a stand, a thread with one tensor backend, can be asked to measure. Plain data: it travels to workers. */
import type { PresetName } from '@murmur/core/models/presets';
import type { ObjectiveName } from '@murmur/core/models/recipes';

/** Our backend in one of its variants, or one of tfjs's. */
export type StandBackend = 'relaxed' | 'plain' | 'wasm' | 'webgl' | 'webgpu';

/** Who computes: our layers, or plain tfjs operations as a user writes them. */
export type Author = 'ours' | 'tfjs';

export interface StepTask {
  readonly kind: 'step';
  readonly objective: ObjectiveName;
  readonly preset: PresetName;
  readonly batch: number;
}

export interface NaiveStepTask {
  readonly kind: 'naiveStep';
  readonly preset: PresetName;
  readonly batch: number;
}

/** `a · b` of `[M, K]` and `[K, N]`, each stored as it is or transposed. */
export interface ProductTask {
  readonly kind: 'product';
  readonly sizes: readonly [M: number, K: number, N: number];
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export type Direction = 'forward' | 'both';

/** Scaled dot-product attention. */
export interface AttentionTask {
  readonly kind: 'attention';
  readonly author: Author;
  readonly sizes: readonly [batch: number, heads: number, tokens: number, channels: number];
  readonly direction: Direction;
}

/** One of `operations.ts`. */
export interface OperationTask {
  readonly kind: 'operation';
  readonly name: string;
  readonly direction: Direction;
}

export type Task = StepTask | NaiveStepTask | ProductTask | AttentionTask | OperationTask;

export interface StandRequest {
  readonly backend: StandBackend;
  readonly task: Task;
  /** Steps, or samples of calls. */
  readonly count: number;
}

export type StandReply =
  /** Milliseconds of each step, or of one call in each sample; `device` names the backend. */
  { readonly ms: readonly number[]; readonly device: string } | { readonly error: string };

/** A thread that measures; it warms up before the first figure of each task. */
export interface Stand {
  perform(task: Task, count: number): Promise<{ readonly ms: readonly number[]; readonly device: string }>;
  close(): Promise<void>;
}
