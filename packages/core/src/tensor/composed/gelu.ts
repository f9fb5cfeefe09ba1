import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../ops.ts';

const INVERSE_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

/** Exact GELU `x Φ(x)` and its derivative `Φ(x) + x φ(x)`; tfjs's erf is Abramowitz and Stegun's 7.1.26, within 1.5e-7. */
export function gelu(x: Tensor): readonly [Tensor, Tensor] {
  const phi = tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
  const gaussian = tf.exp(tf.mul(tf.square(x), -0.5));
  const slope = tf.mul(tf.mul(x, INVERSE_ROOT_TWO_PI), gaussian);
  return [tf.mul(x, phi), tf.add(phi, slope)];
}
