import * as tf from '@tensorflow/tfjs';
import { fourAxes, spreadStrides } from './axes.ts';
import type { MurmurBackend } from './murmurBackend.ts';

/** The numbers by which the kernel `binary` knows them. */
export const binaryOperations = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5 } as const;

/** Elementwise, either operand spread over the other; undefined where that takes more than four axes. */
export function binary(
  backend: MurmurBackend,
  operation: keyof typeof binaryOperations,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
): tf.TensorInfo | undefined {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const axes = fourAxes(shape, [spreadStrides(a.shape, shape), spreadStrides(b.shape, shape)]);
  if (axes === undefined) return undefined;
  const out = backend.output(shape);
  const [aSteps = [], bSteps = []] = axes.steps;
  const pointers = [backend.pointer(a), backend.pointer(b), backend.pointer(out)] as const;
  backend.kernels.binary(binaryOperations[operation], ...pointers, ...axes.sizes, ...aSteps, ...bSteps);
  return out;
}
