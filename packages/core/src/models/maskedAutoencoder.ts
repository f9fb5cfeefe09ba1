/** The masked autoencoder of He et al. 2022 on a plain ViT; parameters by their Hugging Face names. */
import { block, dense, norm } from '../nn/block.ts';
import { gatherRows } from '../nn/gatherRows.ts';
import { linear } from '../nn/linear.ts';
import type { Masking } from '../nn/masking.ts';
import { maskedPatchLoss } from '../nn/maskedPatchLoss.ts';
import { positionTable } from '../nn/sincos.ts';
import { param, type Weights } from '../nn/weights.ts';
import { add, concat, reshape, slice, tensorOf, transpose, type Tensor } from '../tensor/ops.ts';
import { gridSize, patchCount, patchWidth, type MaeConfig } from './config.ts';
import { encoderInputs, targetOf, unshuffled, withClassToken, type EncoderInputs } from './maeInputs.ts';

export interface Encoded {
  /** `[B, 1 + V, D]`, what enters the first block. */
  readonly embedding: Tensor;
  /** `[B, 1 + V, D]`, after the last LayerNorm. */
  readonly latent: Tensor;
}

export interface MaeOutput extends Encoded {
  /** `[B, N, p·p·C]` */
  readonly logits: Tensor;
  readonly target: Tensor;
  /** `[B, N]`, mean squared error of each patch; without a gradient. */
  readonly perPatchLoss: Tensor;
  /** Scalar, the mean over removed patches. */
  readonly loss: Tensor;
}

/** The patch kernel `[D, C, p, p]` as a matrix for patch vectors in row, column, channel order: `[D, p·p·C]`. */
const patchKernel = (kernel: Tensor, config: MaeConfig): Tensor =>
  reshape(transpose(kernel, [0, 2, 3, 1]), [config.hiddenSize, patchWidth(config)]);

function embed(config: MaeConfig, weights: Weights, inputs: EncoderInputs): Tensor {
  const { batch, visible } = inputs;
  const name = 'vit.embeddings.patch_embeddings.projection';
  const patches = tensorOf(inputs.patches, [batch * visible, patchWidth(config)]);
  const kernel = patchKernel(param(weights, `${name}.weight`), config);
  const rows = linear(patches, kernel, param(weights, `${name}.bias`)); // [B·V, D]
  const classToken = reshape(param(weights, 'vit.embeddings.cls_token'), [1, config.hiddenSize]);
  const tokens = gatherRows(concat([rows, classToken], 0), withClassToken(batch, visible)); // [B·(1+V), D]
  const shape = [batch, 1 + visible, config.hiddenSize];
  return add(reshape(tokens, shape), tensorOf(inputs.positions, shape));
}

/** The encoder on some patches of each picture. */
export function encode(config: MaeConfig, weights: Weights, inputs: EncoderInputs): Encoded {
  const options = { heads: config.numAttentionHeads, eps: config.layerNormEps };
  const embedding = embed(config, weights, inputs);
  let x = embedding;
  for (let i = 0; i < config.numHiddenLayers; i++) x = block(x, weights, `vit.encoder.layer.${i}.`, options);
  return { embedding, latent: norm(x, weights, 'vit.layernorm', config.layerNormEps) };
}

/** The latent `[B, 1 + V, D]` and mask tokens for the rest → predicted patches `[B, N, p·p·C]`. */
export function decode(config: MaeConfig, weights: Weights, latent: Tensor, masking: Masking): Tensor {
  const width = config.decoderHiddenSize;
  const N = patchCount(config);
  const options = { heads: config.decoderNumAttentionHeads, eps: config.layerNormEps };
  const rows = reshape(dense(latent, weights, 'decoder.decoder_embed'), [-1, width]);
  const maskToken = reshape(param(weights, 'decoder.mask_token'), [1, width]);
  const tokens = gatherRows(concat([rows, maskToken], 0), unshuffled(masking)); // [B·(1+N), D]
  const positions = tensorOf(positionTable(gridSize(config), width, true), [1, 1 + N, width]);
  let x = add(reshape(tokens, [masking.batch, 1 + N, width]), positions);
  for (let j = 0; j < config.decoderNumHiddenLayers; j++)
    x = block(x, weights, `decoder.decoder_layers.${j}.`, options);
  const patches = slice(norm(x, weights, 'decoder.decoder_norm', config.layerNormEps), [0, 1, 0]); // [B, N, D]
  return dense(patches, weights, 'decoder.decoder_pred');
}

/** The whole model on patches `[B, N, p·p·C]` under a masking. Allocates: call it inside `freeing`. */
export function maskedAutoencoder(
  config: MaeConfig,
  weights: Weights,
  patches: Float32Array,
  masking: Masking,
): MaeOutput {
  const { batch } = masking;
  const encoded = encode(config, weights, encoderInputs(config, patches, masking.idsKeep, batch));
  const logits = decode(config, weights, encoded.latent, masking);
  const target = tensorOf(targetOf(config, patches), logits.shape);
  const { loss, perPatchLoss } = maskedPatchLoss(
    logits,
    target,
    tensorOf(masking.mask, [batch, masking.patches]),
  );
  return { ...encoded, logits, target, perPatchLoss, loss };
}
