/** The tensor operations that the rest of the learning half may use, and the only names it knows of tfjs. */
import * as tf from '@tensorflow/tfjs';
import { runningGpu } from './gpu/runningGpu.ts';

export type Tensor = tf.Tensor;
export const { add, concat, dispose, keep, mul, reshape, slice, split, sub, transpose } = tf;
export const { exp, logSumExp, maximum, mean, rsqrt, square, sum } = tf;

/**
 * Runs `work` and frees every tensor that it made. What it returns must hold none: tfjs's own `tidy` would walk through
 * the result, value by value, to look for them.
 */
export function freeing<T>(work: () => T): T {
  const results: T[] = [];
  tf.tidy(() => {
    results.push(work());
  });
  return results[0] as T;
}

/** A float32 tensor of `values`, which the cpu backend does not copy: what is updated in place must be the tensor's alone. */
export const tensorOf = (values: Float32Array, shape: readonly number[]): Tensor =>
  tf.tensor(values, [...shape], 'float32');

export const zerosOf = (shape: readonly number[]): Tensor => tf.zeros([...shape], 'float32');

function float32(values: unknown): Float32Array {
  if (values instanceof Float32Array) return values;
  throw new Error('ops: expected a float32 tensor; cast it first');
}

/** The values of a tensor, copied out once the device has them; rejects where it is lost before. */
export async function readValues(tensor: Tensor): Promise<Float32Array> {
  const values = tensor.data();
  return float32(await (runningGpu()?.orLost(values) ?? values));
}

/** The values of the tensors that `work` returns, once the device has them; frees every tensor that it made. */
export async function readFreeing(work: () => readonly Tensor[]): Promise<Float32Array[]> {
  const results: Tensor[] = [];
  freeing(() => {
    for (const tensor of work()) results.push(keep(tensor));
  });
  try {
    return await Promise.all(results.map(readValues));
  } finally {
    dispose(results);
  }
}

/** The values of a tensor, copied out; waits for the device, which WebGPU cannot: use `readValues` where it may run. */
export const valuesOf = (tensor: Tensor): Float32Array => float32(tensor.dataSync());

/** `[M, K] · [K, N]`, both as they are stored: the transposing variants are twenty times slower on wasm. */
export const matMul = (a: Tensor, b: Tensor): Tensor => tf.matMul(a, b);

/** `[M, K] · [K, N] + [N]` in one pass. */
export const matMulBias = (a: Tensor, b: Tensor, bias: Tensor): Tensor =>
  tf.fused.matMul({
    a: tf.reshape<tf.Rank.R2>(a, [-1, lastOf(a)]),
    b: tf.reshape<tf.Rank.R2>(b, [-1, lastOf(b)]),
    bias,
  });

/** The length of the last axis. */
export const lastOf = (tensor: Tensor): number => tensor.shape.at(-1) ?? 1;

/** The dimension `axis` of a tensor; throws where it has fewer. */
export function sizeOf(tensor: Tensor, axis: number): number {
  const size = tensor.shape[axis];
  if (size === undefined)
    throw new Error(`sizeOf: expected an axis ${axis}, received shape [${tensor.shape}]`);
  return size;
}
