import * as tf from '@tensorflow/tfjs';
import { lastOf, sizeOf, type Tensor } from '../ops.ts';

const rowsOf = (x: Tensor): tf.Tensor2D => tf.reshape<tf.Rank.R2>(x, [-1, lastOf(x)]);

/** `x Wᵀ + b` over the last axis: x `[…, in]`, W `[out, in]`, b `[out]` or none. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const factors = { a: rowsOf(x), b: weight as tf.Tensor2D, transposeA: false, transposeB: true };
  const y =
    bias === undefined ? tf.matMul(factors.a, factors.b, false, true) : tf.fused.matMul({ ...factors, bias });
  return tf.reshape(y, [...x.shape.slice(0, -1), sizeOf(weight, 0)]);
}

/** Gradients by x, weight and bias. */
export function linearGradient(dy: Tensor, x: Tensor, weight: Tensor): readonly [Tensor, Tensor, Tensor] {
  const dRows = rowsOf(dy); // [M, out]
  return [
    tf.reshape(tf.matMul(dRows, weight), x.shape),
    tf.matMul(dRows, rowsOf(x), true, false), // [out, in]
    tf.sum(dRows, 0),
  ];
}
