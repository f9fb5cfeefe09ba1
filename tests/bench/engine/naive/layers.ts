/** A transformer's layers as somebody writes them by hand with plain tfjs operations; kernels are `[in, out]` as in `tf.layers`. */
import * as tf from '@tensorflow/tfjs';

/** Parameters by name. */
export type NaiveWeights = Readonly<Record<string, tf.Tensor>>;

export function weightOf(weights: NaiveWeights, name: string): tf.Tensor {
  const weight = weights[name];
  if (weight === undefined) throw new Error(`weightOf: expected a parameter ${name}, there is none`);
  return weight;
}

/** `x · W + b` over the last axis, as the dense layer of `tf.layers`: rows in one matrix, then a product as it is stored. */
export function dense(x: tf.Tensor, weights: NaiveWeights, name: string): tf.Tensor {
  const kernel = weightOf(weights, `${name}.weight`);
  const [inputs = 0, outputs = 0] = kernel.shape;
  const rows = tf.reshape<tf.Rank.R2>(x, [-1, inputs]);
  const y = tf.add(tf.matMul(rows, kernel), weightOf(weights, `${name}.bias`));
  return tf.reshape(y, [...x.shape.slice(0, -1), outputs]);
}

/** LayerNorm from `tf.moments`. */
export function layerNorm(x: tf.Tensor, weights: NaiveWeights, name: string, eps: number): tf.Tensor {
  const { mean, variance } = tf.moments(x, -1, true);
  const normalised = tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, eps)));
  return tf.add(tf.mul(normalised, weightOf(weights, `${name}.weight`)), weightOf(weights, `${name}.bias`));
}

/** Exact GELU by `tf.erf`. */
export const gelu = (x: tf.Tensor): tf.Tensor =>
  tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/** Softmax attention of q, k, v `[B, heads, T, C]` with batched products: `[B, heads, T, C]`. */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor): tf.Tensor {
  const scores = tf.matMul(tf.mul(q, 1 / Math.sqrt(q.shape.at(-1) ?? 1)), k, false, true); // [B, heads, T, T]
  return tf.matMul(tf.softmax(scores), v);
}

function selfAttention(x: tf.Tensor, weights: NaiveWeights, prefix: string, heads: number): tf.Tensor {
  const [batch = 0, tokens = 0, width = 0] = x.shape;
  const part = (name: string) => {
    const projected = dense(x, weights, `${prefix}attention.attention.${name}`);
    return tf.transpose(tf.reshape(projected, [batch, tokens, heads, width / heads]), [0, 2, 1, 3]);
  };
  const attended = tf.transpose(attend(part('query'), part('key'), part('value')), [0, 2, 1, 3]);
  return dense(tf.reshape(attended, x.shape), weights, `${prefix}attention.output.dense`);
}

/** A pre-norm block: x `[B, T, D]` → `[B, T, D]`. */
export function block(
  x: tf.Tensor,
  weights: NaiveWeights,
  prefix: string,
  { heads, eps }: { readonly heads: number; readonly eps: number },
): tf.Tensor {
  const before = layerNorm(x, weights, `${prefix}layernorm_before`, eps);
  const middle = tf.add(x, selfAttention(before, weights, prefix, heads));
  const after = layerNorm(middle, weights, `${prefix}layernorm_after`, eps);
  const hidden = gelu(dense(after, weights, `${prefix}intermediate.dense`));
  return tf.add(middle, dense(hidden, weights, `${prefix}output.dense`));
}
