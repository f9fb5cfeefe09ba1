import type * as tf from '@tensorflow/tfjs';
import { elements, fourAxes, stridesOf } from './axes.ts';
import type { MurmurBackend } from './murmurBackend.ts';

type Shape = readonly number[];

interface Walk {
  readonly shape: Shape;
  readonly fromStrides: Shape;
  readonly toStrides: Shape;
}

/** Calls `copy` with the two offsets of every index of `shape`. */
function walk(
  { shape, fromStrides, toStrides }: Walk,
  from: number,
  to: number,
  copy: (from: number, to: number) => void,
): void {
  const [size, ...rest] = shape;
  if (size === undefined) return copy(from, to);
  const inner = { shape: rest, fromStrides: fromStrides.slice(1), toStrides: toStrides.slice(1) };
  for (let i = 0; i < size; i++)
    walk(inner, from + i * (fromStrides[0] as number), to + i * (toStrides[0] as number), copy);
}

/** Copies a box of `shape` from one array into another, in runs as long as both hold it in one piece. */
function copyBox(
  [from, fromShape, fromStart]: readonly [Float32Array, Shape, Shape],
  [to, toShape, toStart]: readonly [Float32Array, Shape, Shape],
  shape: Shape,
): void {
  if (elements(shape) === 0) return;
  let axis = shape.length - 1;
  while (axis > 0 && shape[axis] === fromShape[axis] && shape[axis] === toShape[axis]) axis--;
  const run = elements(shape.slice(Math.max(axis, 0)));
  const [fromStrides, toStrides] = [stridesOf(fromShape), stridesOf(toShape)];
  const start = (strides: Shape, at: Shape) => at.reduce((sum, i, k) => sum + i * (strides[k] as number), 0);
  const outer = { shape: shape.slice(0, Math.max(axis, 0)), fromStrides, toStrides };
  walk(outer, start(fromStrides, fromStart), start(toStrides, toStart), (f, t) =>
    to.set(from.subarray(f, f + run), t),
  );
}

const zeros = (shape: Shape): number[] => shape.map(() => 0);

/** The box of `x` that starts at `begin`. */
export function sliceOf(backend: MurmurBackend, x: tf.TensorInfo, begin: Shape, size: Shape): tf.TensorInfo {
  const out = backend.output(size);
  copyBox([backend.view(x), x.shape, begin], [backend.view(out), size, zeros(size)], size);
  return out;
}

/** `x` inside a box of one value. */
export function padded(
  backend: MurmurBackend,
  x: tf.TensorInfo,
  paddings: readonly (readonly [number, number])[],
  value: number,
): tf.TensorInfo {
  const shape = x.shape.map((size, axis) => size + (paddings[axis]?.[0] ?? 0) + (paddings[axis]?.[1] ?? 0));
  const out = backend.output(shape);
  const to = backend.view(out).fill(value);
  const start = x.shape.map((_, axis) => paddings[axis]?.[0] ?? 0);
  copyBox([backend.view(x), x.shape, zeros(shape)], [to, shape, start], x.shape);
  return out;
}

/** Tensors end to end along an axis. */
export function concatenated(
  backend: MurmurBackend,
  parts: readonly tf.TensorInfo[],
  axis: number,
): tf.TensorInfo {
  const [first] = parts;
  if (first === undefined) throw new Error('concatenated: expected at least one tensor, received none');
  const shape = first.shape.slice();
  shape[axis] = parts.reduce((sum, part) => sum + (part.shape[axis] as number), 0);
  const out = backend.output(shape);
  const to = backend.view(out);
  const start = zeros(shape);
  for (const part of parts) {
    copyBox([backend.view(part), part.shape, zeros(shape)], [to, shape, start], part.shape);
    start[axis] = (start[axis] as number) + (part.shape[axis] as number);
  }
  return out;
}

/** Axis i of the result is axis `order[i]` of `x`. */
export function transposed(backend: MurmurBackend, x: tf.TensorInfo, order: Shape): tf.TensorInfo {
  const shape = order.map((axis) => x.shape[axis] as number);
  const strides = stridesOf(x.shape);
  const steps = order.map((axis) => strides[axis] as number);
  const out = backend.output(shape);
  const axes = fourAxes(shape, [steps]);
  if (axes !== undefined) {
    const [of = []] = axes.steps;
    backend.kernels.strided(backend.pointer(x), backend.pointer(out), ...axes.sizes, ...of);
    return out;
  }
  const [from, to] = [backend.view(x), backend.view(out)];
  walk(
    { shape, fromStrides: steps, toStrides: stridesOf(shape) },
    0,
    0,
    (f, t) => (to[t] = from[f] as number),
  );
  return out;
}

/** Pieces of the given sizes along an axis. */
export function split(
  backend: MurmurBackend,
  x: tf.TensorInfo,
  sizes: readonly number[],
  axis: number,
): tf.TensorInfo[] {
  let start = 0;
  return sizes.map((size) => {
    const begin = x.shape.map((_, i) => (i === axis ? start : 0));
    start += size;
    return sliceOf(
      backend,
      x,
      begin,
      x.shape.map((whole, i) => (i === axis ? size : whole)),
    );
  });
}
