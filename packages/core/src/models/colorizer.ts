/** Colorful image colorization (Zhang et al. 2016) on a plain ViT: encoder, then a linear classifier of colours for each patch token. */
import { dense } from '../nn/block.ts';
import { patchTokens } from '../nn/patchTokens.ts';
import type { Weights } from '../nn/weights.ts';
import { reshape, sizeOf, type Tensor } from '../tensor/ops.ts';
import { cellsPerPatch } from './colorInputs.ts';
import type { ColorizeConfig } from './config.ts';
import { wholeInputs } from './maeInputs.ts';
import { encode } from './vit.ts';

/** Logits `[B·N·S, Q]` of the colour of each cell, from grey patches `[B, N, p·p·3]`. Allocates: call it inside `freeing`. */
export function colorScores(config: ColorizeConfig, weights: Weights, grey: Float32Array): Tensor {
  const { latent } = encode(config, weights, wholeInputs(config, grey));
  const scores = dense(patchTokens(latent), weights, 'colorize.classifier'); // [B·N, S·Q]
  return reshape(scores, [sizeOf(scores, 0) * cellsPerPatch(config), -1]);
}
