import * as tf from '@tensorflow/tfjs';
import { elements } from './axes.ts';
import { transposed } from './movement.ts';
import type { MurmurBackend } from './murmurBackend.ts';

/** Over which axes, and whether they stay with one element. */
export interface Reduction {
  /** All, where there are none: tfjs says either null or undefined. */
  readonly axis: number | readonly number[] | null | undefined;
  readonly keepDims: boolean;
}

const ROW_SUMS = 0;
const ROW_MAXIMA = 1;

interface Folded {
  readonly outer: readonly number[];
  readonly count: number;
  readonly inner: readonly number[];
}

/** The axes as one that lies between `outer` and `inner`; undefined where they do not lie side by side. */
function folded(shape: readonly number[], axes: readonly number[]): Folded | undefined {
  const [first = 0, last = -1] = [axes[0], axes.at(-1)];
  if (last - first + 1 !== axes.length) return undefined;
  const inner = shape.slice(last + 1);
  return { outer: shape.slice(0, first), count: elements(shape.slice(first, last + 1)), inner };
}

function rows(backend: MurmurBackend, operation: number, x: tf.TensorInfo, { outer, count }: Folded) {
  const out = backend.output(outer);
  backend.kernels.reduceRows(operation, backend.pointer(x), backend.pointer(out), elements(outer), count);
  return out;
}

function middles(backend: MurmurBackend, x: tf.TensorInfo, { outer, count, inner }: Folded): tf.TensorInfo {
  const out = backend.output([...outer, ...inner]);
  const sizes = [elements(outer), count, elements(inner)] as const;
  backend.kernels.sumMiddle(backend.pointer(x), backend.pointer(out), ...sizes);
  return out;
}

/** With the reduced axes last, so that each result is that of a row. */
function turned(backend: MurmurBackend, operation: number, x: tf.TensorInfo, axes: readonly number[]) {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const moved = transposed(backend, x, [...kept, ...axes]);
  const outer = moved.shape.slice(0, kept.length);
  const result = rows(backend, operation, moved, {
    outer,
    count: elements(x.shape) / elements(outer),
    inner: [],
  });
  backend.disposeData(moved.dataId);
  return result;
}

function reduced(
  backend: MurmurBackend,
  operation: number,
  x: tf.TensorInfo,
  { axis, keepDims }: Reduction,
): tf.TensorInfo | undefined {
  const all = x.shape.map((_, i) => i);
  const axes = tf.util.parseAxisParam([axis ?? all].flat(), x.shape).sort((a, b) => a - b);
  if (axes.length === 0 || elements(x.shape) === 0) return undefined;
  const side = folded(x.shape, axes);
  let out: tf.TensorInfo;
  if (side !== undefined && elements(side.inner) === 1) out = rows(backend, operation, x, side);
  else if (side !== undefined && operation === ROW_SUMS) out = middles(backend, x, side);
  else out = turned(backend, operation, x, axes);
  const shape = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return { ...out, shape: keepDims ? shape : shape.filter((_, i) => !axes.includes(i)) };
}

/** Sums over axes; undefined for those of nothing. */
export const summed = (backend: MurmurBackend, x: tf.TensorInfo, of: Reduction): tf.TensorInfo | undefined =>
  reduced(backend, ROW_SUMS, x, of);

/** Means over axes; undefined for those of nothing. */
export function averaged(backend: MurmurBackend, x: tf.TensorInfo, of: Reduction): tf.TensorInfo | undefined {
  const sums = summed(backend, x, of);
  if (sums === undefined) return undefined;
  const values = backend.view(sums);
  const count = elements(x.shape) / values.length;
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) / count;
  return sums;
}

/** Largest values over axes; undefined for those of nothing. */
export const largest = (backend: MurmurBackend, x: tf.TensorInfo, of: Reduction): tf.TensorInfo | undefined =>
  reduced(backend, ROW_MAXIMA, x, of);

/** Softmax over the last axis. */
export function softmax(backend: MurmurBackend, x: tf.TensorInfo): tf.TensorInfo {
  const width = x.shape.at(-1) ?? 1;
  const out = backend.output(x.shape);
  backend.kernels.softmax(
    backend.pointer(x),
    backend.pointer(out),
    elements(x.shape) / Math.max(width, 1),
    width,
  );
  return out;
}
