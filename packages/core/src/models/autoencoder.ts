/** A bottleneck autoencoder on a plain ViT: encoder, mean of patch tokens, narrow code, dense decoder, squared error of the pixels. */
import { dense } from '../nn/block.ts';
import { gelu } from '../nn/gelu.ts';
import { meanPatchToken } from '../nn/meanPatchToken.ts';
import { meanSquaredError } from '../nn/meanSquaredError.ts';
import type { Weights } from '../nn/weights.ts';
import { reshape, sizeOf, tensorOf, type Tensor } from '../tensor/ops.ts';
import { patchCount, patchWidth, type AutoencoderConfig } from './config.ts';
import { wholeInputs } from './maeInputs.ts';
import { encode } from './vit.ts';

export interface AutoencoderOutput {
  /** `[B, K]`, all that the decoder gets of a picture. */
  readonly code: Tensor;
  /** `[B, N, p·p·C]` */
  readonly reconstruction: Tensor;
  /** Scalar. */
  readonly loss: Tensor;
}

/** Code `[B, K]` → pixels `[B, N, p·p·C]`: a token for each patch, then two layers, the same for all patches, from a token to pixels. */
function decodeCode(config: AutoencoderConfig, weights: Weights, code: Tensor): Tensor {
  const [B, N] = [sizeOf(code, 0), patchCount(config)];
  const tokens = reshape(dense(code, weights, 'bottleneck.tokens'), [B * N, config.decoderHiddenSize]);
  const hidden = gelu(dense(tokens, weights, 'bottleneck.hidden')); // [B·N, 4d]
  return reshape(dense(hidden, weights, 'bottleneck.pixels'), [B, N, patchWidth(config)]);
}

/** The whole model on patches `[B, N, p·p·C]`, which it is to give back. Allocates: call it inside `freeing`. */
export function autoencoder(
  config: AutoencoderConfig,
  weights: Weights,
  patches: Float32Array,
): AutoencoderOutput {
  const { latent } = encode(config, weights, wholeInputs(config, patches));
  const code = dense(meanPatchToken(latent), weights, 'bottleneck.code');
  const reconstruction = decodeCode(config, weights, code);
  const loss = meanSquaredError(reconstruction, tensorOf(patches, reconstruction.shape));
  return { code, reconstruction, loss };
}
