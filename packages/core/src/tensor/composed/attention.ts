import * as tf from '@tensorflow/tfjs';
import type { AttentionSizes } from '../loops/attention.ts';
import type { Tensor } from '../ops.ts';

/** Finite, so that no product with zero makes NaN, and far below any score. */
const UNSEEN = -1e30;

const channelsOf = ({ heads, width }: AttentionSizes): number => width / heads;

/** `[T, T]`: zero where a token may look, far below where not. */
function causalBias(tokens: number): Tensor {
  const bias = Float32Array.from({ length: tokens * tokens }, (_, i) =>
    i % tokens > Math.floor(i / tokens) ? UNSEEN : 0,
  );
  return tf.tensor(bias, [tokens, tokens]);
}

/** Queries, keys and values of every head, each `[B, heads, T, d]`. */
function partsOf(qkv: Tensor, sizes: AttentionSizes): readonly [Tensor, Tensor, Tensor] {
  const { batch, tokens, heads } = sizes;
  const channels = channelsOf(sizes);
  const split = tf.reshape(qkv, [batch, tokens, 3, heads * channels]);
  const part = (i: number) => toHeads(tf.slice(split, [0, 0, i, 0], [-1, -1, 1, -1]), sizes);
  return [part(0), part(1), part(2)];
}

/** `[B, T, D]` → `[B, heads, T, d]` */
const toHeads = (x: Tensor, sizes: AttentionSizes): Tensor =>
  tf.transpose(tf.reshape(x, [sizes.batch, sizes.tokens, sizes.heads, channelsOf(sizes)]), [0, 2, 1, 3]);

/** `[B, heads, T, d]` → `[B, T, D]` */
const fromHeads = (x: Tensor, { batch, tokens, width }: AttentionSizes): Tensor =>
  tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, tokens, width]);

/** Heads of `qkv` `[B, T, 3·D]` attending to each other: `[B, T, D]`, and the probabilities `[B, heads, T, T]`. */
export function attention(qkv: Tensor, sizes: AttentionSizes): readonly [Tensor, Tensor] {
  const [queries, keys, values] = partsOf(qkv, sizes);
  const scores = tf.mul(tf.matMul(queries, keys, false, true), 1 / Math.sqrt(channelsOf(sizes)));
  const probabilities = tf.softmax(sizes.causal ? tf.add(scores, causalBias(sizes.tokens)) : scores);
  return [fromHeads(tf.matMul(probabilities, values), sizes), probabilities];
}

/** The gradient by `qkv` `[B, T, 3·D]`. */
export function attentionGradient(
  dy: Tensor,
  qkv: Tensor,
  probabilities: Tensor,
  sizes: AttentionSizes,
): Tensor {
  const [queries, keys, values] = partsOf(qkv, sizes);
  const dOut = toHeads(dy, sizes); // [B, heads, T, d]
  const dProbabilities = tf.matMul(dOut, values, false, true); // [B, heads, T, T]
  const weighted = tf.mul(dProbabilities, probabilities);
  const centred = tf.sub(weighted, tf.mul(probabilities, tf.sum(weighted, -1, true)));
  const dScores = tf.mul(centred, 1 / Math.sqrt(channelsOf(sizes)));
  const dParts = [
    tf.matMul(dScores, keys),
    tf.matMul(dScores, queries, true, false),
    tf.matMul(probabilities, dOut, true, false),
  ];
  return tf.concat(
    dParts.map((part) => fromHeads(part, sizes)),
    2,
  );
}
