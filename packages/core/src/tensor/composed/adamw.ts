import * as tf from '@tensorflow/tfjs';
import type { AdamwCoefficients } from '../loops/adamw.ts';
import type { Tensor } from '../ops.ts';

/** One step of AdamW; borrows its inputs and returns parameter and moments anew. */
export function adamw(
  [param, grad, expAvg, expAvgSq]: readonly [Tensor, Tensor, Tensor, Tensor],
  { beta1, beta2, eps, keep, stepSize, correction }: AdamwCoefficients,
): readonly [Tensor, Tensor, Tensor] {
  const m = tf.add(tf.mul(expAvg, beta1), tf.mul(grad, 1 - beta1));
  const v = tf.add(tf.mul(expAvgSq, beta2), tf.mul(tf.square(grad), 1 - beta2));
  const step = tf.mul(tf.div(m, tf.add(tf.mul(tf.sqrt(v), correction), eps)), stepSize);
  return [tf.sub(keep === 1 ? param : tf.mul(param, keep), step), m, v];
}
