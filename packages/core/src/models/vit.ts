/** The plain ViT that every objective trains (Dosovitskiy et al. 2021); parameters by their Hugging Face names. */
import { block, norm } from '../nn/block.ts';
import { gatherRows } from '../nn/gatherRows.ts';
import { linear } from '../nn/linear.ts';
import { positionTable } from '../nn/sincos.ts';
import { param, type Weights } from '../nn/weights.ts';
import { add, concat, reshape, tensorOf, transpose, type Tensor } from '../tensor/ops.ts';
import { gridSize, patchWidth, type EncoderConfig } from './config.ts';
import { withClassToken, type EncoderInputs } from './maeInputs.ts';

export interface Encoded {
  /** `[B, 1 + V, D]`, what enters the first block. */
  readonly embedding: Tensor;
  /** `[B, 1 + V, D]`, after the last LayerNorm. */
  readonly latent: Tensor;
}

/** The patch kernel `[D, C, p, p]` as a matrix for patch vectors in row, column, channel order: `[D, p·p·C]`. */
const patchKernel = (kernel: Tensor, config: EncoderConfig): Tensor =>
  reshape(transpose(kernel, [0, 2, 3, 1]), [config.hiddenSize, patchWidth(config)]);

function embed(config: EncoderConfig, weights: Weights, inputs: EncoderInputs): Tensor {
  const { batch, visible } = inputs;
  const name = 'vit.embeddings.patch_embeddings.projection';
  const patches = tensorOf(inputs.patches, [batch * visible, patchWidth(config)]);
  const kernel = patchKernel(param(weights, `${name}.weight`), config);
  const rows = linear(patches, kernel, param(weights, `${name}.bias`)); // [B·V, D]
  const classToken = reshape(param(weights, 'vit.embeddings.cls_token'), [1, config.hiddenSize]);
  const tokens = gatherRows(concat([rows, classToken], 0), withClassToken(batch, visible)); // [B·(1+V), D]
  const [T, D] = [1 + visible, config.hiddenSize];
  const table = tensorOf(positionTable(gridSize(config), D, true), [1 + gridSize(config) ** 2, D]);
  const positions = reshape(gatherRows(table, inputs.places), [inputs.places.length / T, T, D]);
  return add(reshape(tokens, [batch, T, D]), positions);
}

/** The encoder on some or all patches of each picture. */
export function encode(config: EncoderConfig, weights: Weights, inputs: EncoderInputs): Encoded {
  const options = { heads: config.numAttentionHeads, eps: config.layerNormEps };
  const embedding = embed(config, weights, inputs);
  let x = embedding;
  for (let i = 0; i < config.numHiddenLayers; i++) x = block(x, weights, `vit.encoder.layer.${i}.`, options);
  return { embedding, latent: norm(x, weights, 'vit.layernorm', config.layerNormEps) };
}
