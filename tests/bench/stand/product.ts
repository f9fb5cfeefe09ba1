/** Matrix products as a user of tfjs asks for them, on whatever backend runs. */
import * as tf from '@tensorflow/tfjs';
import { key, normal } from '@murmur/core/random/key';
import type { ProductTask } from './task.ts';

const matrix = (rows: number, columns: number): tf.Tensor2D =>
  tf.tensor2d(normal(key(rows), rows * columns), [rows, columns]);

/** One call of `a · b`; the factors live as long as the thread. */
export function productCall({ sizes: [M, K, N], transposeA, transposeB }: ProductTask): () => tf.Tensor {
  const a = transposeA ? matrix(K, M) : matrix(M, K);
  const b = transposeB ? matrix(N, K) : matrix(K, N);
  return () => tf.matMul(a, b, transposeA, transposeB);
}
