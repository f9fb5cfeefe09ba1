import type * as tf from '@tensorflow/tfjs';
import type { MurmurBackend } from './murmurBackend.ts';

/** The numbers by which the kernel `binary` knows them. */
export const operations = { Add: 0, Sub: 1, Multiply: 2 } as const;
type Operation = keyof typeof operations;

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Whether `small` without its leading ones is the end of `large`: then it repeats in one piece. */
function isSuffix(small: readonly number[], large: readonly number[]): boolean {
  const first = small.findIndex((size) => size !== 1);
  const core = first < 0 ? [] : small.slice(first);
  return small.length <= large.length && core.join() === large.slice(large.length - core.length).join();
}

/** `x ∘ s` for a single value s. */
function withScalar(
  backend: MurmurBackend,
  operation: Operation,
  x: tf.TensorInfo,
  scalar: tf.TensorInfo,
): tf.TensorInfo {
  const value = backend.view(scalar)[0] as number;
  const [factor, offset] = operation === 'Multiply' ? [value, 0] : [1, operation === 'Add' ? value : -value];
  const out = backend.output(x.shape);
  backend.kernels.affine(backend.pointer(x), backend.pointer(out), count(x.shape), factor, offset);
  return out;
}

/** Elementwise, where one operand repeats in one piece to the shape of the other; undefined for any other spreading. */
export function binary(
  backend: MurmurBackend,
  operation: Operation,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo | undefined {
  const [aOver, bOver] = [isSuffix(b.shape, a.shape), isSuffix(a.shape, b.shape)];
  if (!aOver && !bOver) return undefined;
  const [aCount, bCount] = [count(a.shape), count(b.shape)];
  if (aOver && bCount === 1 && aCount > 1) return withScalar(backend, operation, a, b);
  if (bOver && aCount === 1 && bCount > 1 && operation !== 'Sub') return withScalar(backend, operation, b, a);
  const out = backend.output(aOver ? a.shape : b.shape);
  const size = Math.min(aCount, bCount);
  const blocks = size === 0 ? 0 : Math.max(aCount, bCount) / size;
  const steps = [aCount === size && blocks > 1 ? 0 : size, bCount === size && blocks > 1 ? 0 : size] as const;
  const pointers = [backend.pointer(a), backend.pointer(b), backend.pointer(out)] as const;
  backend.kernels.binary(operations[operation], ...pointers, size, blocks, ...steps);
  return out;
}
