import * as tf from '@tensorflow/tfjs';
import type { Tensor } from '../ops.ts';

/** `max(x, 0)` and its derivative. */
export const relu = (x: Tensor): readonly [Tensor, Tensor] => [tf.relu(x), tf.step(x)];
