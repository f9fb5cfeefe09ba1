import * as tf from '@tensorflow/tfjs';
import { sizeOf, type Tensor } from '../ops.ts';

/** Cross-entropy of each row of logits `[R, C]` with its target `[R]`, and the gradient of their sum by the logits. */
export function crossEntropy(logits: Tensor, targets: Int32Array): readonly [Tensor, Tensor] {
  const classes = sizeOf(logits, 1);
  const wanted = new Float32Array(targets.length * classes);
  targets.forEach((target, row) => (wanted[row * classes + target] = 1));
  const oneHot = tf.tensor(wanted, [targets.length, classes]);
  const normaliser = tf.logSumExp(logits, 1); // [R]
  const chosen = tf.sum(tf.mul(logits, oneHot), 1); // [R]
  return [tf.sub(normaliser, chosen), tf.sub(tf.softmax(logits), oneHot)];
}
