/** The masked autoencoder of He et al. 2022 on a plain ViT; parameters by their Hugging Face names. */
import { block, dense, norm } from '../nn/block.ts';
import { gatherRows } from '../nn/gatherRows.ts';
import type { Masking } from '../nn/masking.ts';
import { maskedPatchLoss } from '../nn/maskedPatchLoss.ts';
import { positionTable } from '../nn/sincos.ts';
import { param, type Weights } from '../nn/weights.ts';
import { add, concat, reshape, slice, tensorOf, type Tensor } from '../tensor/ops.ts';
import { gridSize, patchCount, type MaeConfig } from './config.ts';
import { encoderInputs, targetOf, unshuffled } from './maeInputs.ts';
import { encode, type Encoded } from './vit.ts';

export interface MaeOutput extends Encoded {
  /** `[B, N, p·p·C]` */
  readonly logits: Tensor;
  readonly target: Tensor;
  /** `[B, N]`, mean squared error of each patch; without a gradient. */
  readonly perPatchLoss: Tensor;
  /** Scalar, the mean over removed patches. */
  readonly loss: Tensor;
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
