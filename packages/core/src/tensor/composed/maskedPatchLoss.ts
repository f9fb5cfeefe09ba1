import * as tf from '@tensorflow/tfjs';
import { lastOf, type Tensor } from '../ops.ts';

/** Loss (a scalar), squared errors averaged over each patch `[B, N]`, and the gradient of the loss by the logits `[B, N, W]`. */
export function maskedPatchLoss(
  logits: Tensor,
  target: Tensor,
  mask: Tensor,
): readonly [Tensor, Tensor, Tensor] {
  const error = tf.sub(logits, target);
  const perPatch = tf.mean(tf.square(error), -1); // [B, N]
  const weight = tf.div(mask, tf.sum(mask)); // [B, N]
  const slope = tf.mul(tf.expandDims(weight, -1), 2 / lastOf(logits)); // [B, N, 1]
  return [tf.sum(tf.mul(perPatch, weight)), perPatch, tf.mul(error, slope)];
}
