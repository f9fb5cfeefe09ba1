import * as tf from '@tensorflow/tfjs';
import { lastOf, type Tensor } from '../ops.ts';

/** Normalised x `[…, D]`, and `[R, 2]` of each row's mean and 1/deviation. Variance biased, in two passes. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): readonly [Tensor, Tensor] {
  const rows = tf.reshape(x, [-1, lastOf(x)]); // [R, D]
  const mean = tf.mean(rows, 1, true); // [R, 1]
  const centred = tf.sub(rows, mean);
  const inverse = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), eps)); // [R, 1]
  const y = tf.add(tf.mul(tf.mul(centred, inverse), weight), bias);
  return [tf.reshape(y, x.shape), tf.concat([mean, inverse], 1)];
}

/** Gradients by x, weight and bias (Ba et al. 2016). */
export function layerNormGradient(
  dy: Tensor,
  x: Tensor,
  weight: Tensor,
  stats: Tensor,
): readonly [Tensor, Tensor, Tensor] {
  const width = lastOf(x);
  const dRows = tf.reshape(dy, [-1, width]); // [R, D]
  const inverse = tf.slice(stats, [0, 1], [-1, 1]); // [R, 1]
  const normal = tf.mul(tf.sub(tf.reshape(x, [-1, width]), tf.slice(stats, [0, 0], [-1, 1])), inverse);
  const g = tf.mul(dRows, weight);
  const along = tf.mul(normal, tf.mean(tf.mul(g, normal), 1, true));
  const dx = tf.mul(tf.sub(tf.sub(g, tf.mean(g, 1, true)), along), inverse);
  return [tf.reshape(dx, x.shape), tf.sum(tf.mul(dRows, normal), 0), tf.sum(dRows, 0)];
}
