import * as tf from '@tensorflow/tfjs';
import { key, normal } from '@murmur/core/random/key';
import type { AttentionTask } from '../../stand/task.ts';
import { attend } from './layers.ts';

/** One call of plain tfjs attention on q, k, v `[B, heads, T, C]`, which live as long as the thread. */
export function naiveAttentionCall(
  sizes: AttentionTask['sizes'],
  direction: AttentionTask['direction'],
): () => tf.Tensor {
  const size = sizes.reduce((a, b) => a * b, 1);
  const [q, k, v, dy] = [1, 2, 3, 4].map((seed) => tf.tensor(normal(key(seed), size), [...sizes])) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  if (direction === 'forward') return () => attend(q, k, v);
  return () => tf.engine().gradients(() => attend(q, k, v), [q, k, v], dy).grads[0] as tf.Tensor;
}
