/**
 * The masked autoencoder as a user of tfjs writes it by hand, to measure tfjs as it comes. Line by line the published
 * model (He et al. 2022, `models_mae.py`) in plain `tf` operations, without one of ours:
 *
 * - dense layers: `tf.matMul` of rows with a kernel stored `[in, out]`, as `tf.layers.dense` does it, then `tf.add`;
 * - LayerNorm: `tf.moments`; GELU: `tf.erf`; attention: two batched `tf.matMul` and `tf.softmax`;
 * - visible patches and their positions: `tf.gather` of rows, which needs no gradient there (with `batchDims` it reads out of
 *   bounds on wasm); tokens repeated by `tf.tile`;
 * - the unshuffle before the decoder needs a gradient, and tfjs's gather has none on wasm (`UnsortedSegmentSum` is
 *   missing there): a batched product with a permutation by `tf.oneHot` stands for it;
 * - the loss: mean of squares over each patch, then over the removed ones.
 *
 * The kernels' gradients then need products with a transposed factor, which is where the time goes.
 */
import * as tf from '@tensorflow/tfjs';
import { gridSize, patchCount, type MaeConfig } from '@murmur/core/models/config';
import type { Masking } from '@murmur/core/nn/masking';
import { positionTable } from '@murmur/core/nn/sincos';
import { block, dense, layerNorm, weightOf, type NaiveWeights } from './layers.ts';

const positions = (config: MaeConfig, width: number): tf.Tensor =>
  tf.tensor(positionTable(gridSize(config), width, true), [1 + patchCount(config), width]);

function encoder(config: MaeConfig, weights: NaiveWeights, patches: tf.Tensor, masking: Masking): tf.Tensor {
  const { batch, patches: N, lenKeep, idsKeep } = masking;
  const ids = tf.tensor1d(idsKeep, 'int32');
  const rows = tf.tensor1d(
    idsKeep.map((id, s) => Math.floor(s / lenKeep) * N + id),
    'int32',
  );
  const visible = tf.gather(tf.reshape(patches, [batch * N, -1]), rows); // [B·V, p·p·C]
  const table = tf.slice(positions(config, config.hiddenSize), [1, 0]); // [N, D]
  const embedded = dense(visible, weights, 'vit.embeddings.patch_embeddings.projection'); // [B·V, D]
  const placed = tf.reshape(tf.add(embedded, tf.gather(table, ids)), [batch, lenKeep, -1]);
  const classToken = tf.tile(weightOf(weights, 'vit.embeddings.cls_token'), [batch, 1, 1]);
  let x = tf.concat([classToken, placed], 1); // [B, 1 + V, D]
  const options = { heads: config.numAttentionHeads, eps: config.layerNormEps };
  for (let i = 0; i < config.numHiddenLayers; i++) x = block(x, weights, `vit.encoder.layer.${i}.`, options);
  return layerNorm(x, weights, 'vit.layernorm', config.layerNormEps);
}

/** Mask tokens behind the visible ones, all in the order of the picture: `[B, 1 + N, D]`. */
function unshuffle(x: tf.Tensor, maskToken: tf.Tensor, masking: Masking): tf.Tensor {
  const { batch, patches, lenKeep, idsRestore } = masking;
  const hidden = tf.tile(maskToken, [batch, patches - lenKeep, 1]);
  const shuffled = tf.concat([tf.slice(x, [0, 1, 0]), hidden], 1); // [B, N, D]
  const order = tf.oneHot(tf.tensor(idsRestore, [batch, patches], 'int32'), patches); // [B, N, N]
  const classToken = tf.slice(x, [0, 0, 0], [-1, 1, -1]);
  return tf.concat([classToken, tf.matMul(order, shuffled)], 1);
}

function decoder(config: MaeConfig, weights: NaiveWeights, latent: tf.Tensor, masking: Masking): tf.Tensor {
  const width = config.decoderHiddenSize;
  const embedded = dense(latent, weights, 'decoder.decoder_embed');
  const tokens = unshuffle(embedded, weightOf(weights, 'decoder.mask_token'), masking);
  let x = tf.add(tokens, positions(config, width));
  const options = { heads: config.decoderNumAttentionHeads, eps: config.layerNormEps };
  for (let j = 0; j < config.decoderNumHiddenLayers; j++)
    x = block(x, weights, `decoder.decoder_layers.${j}.`, options);
  const predicted = dense(
    layerNorm(x, weights, 'decoder.decoder_norm', config.layerNormEps),
    weights,
    'decoder.decoder_pred',
  );
  return tf.slice(predicted, [0, 1, 0]); // [B, N, p·p·C]
}

/** The loss on patches `[B, N, p·p·C]` under a masking; raw pixels are the target. */
export function naiveMae(
  config: MaeConfig,
  weights: NaiveWeights,
  patches: Float32Array,
  masking: Masking,
): tf.Scalar {
  const target = tf.tensor(patches, [masking.batch, masking.patches, patches.length / masking.mask.length]);
  const latent = encoder(config, weights, target, masking);
  const logits = decoder(config, weights, latent, masking);
  const perPatch = tf.mean(tf.squaredDifference(logits, target), -1); // [B, N]
  const mask = tf.tensor(masking.mask, [masking.batch, masking.patches]);
  return tf.div(tf.sum(tf.mul(perPatch, mask)), tf.sum(mask));
}
