import type * as tf from '@tensorflow/tfjs';
import { elements } from './axes.ts';
import type { MurmurBackend } from './murmurBackend.ts';

/** The numbers by which the kernel `unary` knows them. */
export const unaryOperations = { Exp: 0, Sqrt: 1, Rsqrt: 2, Square: 3, Neg: 4, Relu: 5 } as const;

/** Elementwise by a kernel. */
export function unary(
  backend: MurmurBackend,
  operation: keyof typeof unaryOperations,
  x: tf.TensorInfo,
): tf.TensorInfo {
  const out = backend.output(x.shape);
  backend.kernels.unary(
    unaryOperations[operation],
    backend.pointer(x),
    backend.pointer(out),
    elements(x.shape),
  );
  return out;
}

/** Elementwise by a plain loop: for what training does to few values only. */
export const unaryLoops: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Log: Math.log,
  Tanh: Math.tanh,
};

export function unaryLoop(
  backend: MurmurBackend,
  of: (x: number) => number,
  x: tf.TensorInfo,
): tf.TensorInfo {
  const out = backend.output(x.shape);
  const [from, to] = [backend.view(x), backend.view(out)];
  for (let i = 0; i < from.length; i++) to[i] = of(from[i] as number);
  return out;
}
