/** A denoising autoencoder (Vincent et al. 2008) on a plain ViT: encoder, then a dense layer from each patch token to its pixels. */
import { dense } from '../nn/block.ts';
import { meanSquaredError } from '../nn/meanSquaredError.ts';
import { patchTokens } from '../nn/patchTokens.ts';
import type { Weights } from '../nn/weights.ts';
import { reshape, tensorOf, type Tensor } from '../tensor/ops.ts';
import { patchCount, patchWidth, type DenoiseConfig } from './config.ts';
import { wholeInputs } from './maeInputs.ts';
import { encode } from './vit.ts';

/** Predictions `[B, N, p·p·C]` of the clean patches from noisy ones of that shape. Allocates: call it inside `freeing`. */
export function denoised(config: DenoiseConfig, weights: Weights, noisy: Float32Array): Tensor {
  const { latent } = encode(config, weights, wholeInputs(config, noisy));
  const pixels = dense(patchTokens(latent), weights, 'denoise.pixels'); // [B·N, p·p·C]
  return reshape(pixels, [-1, patchCount(config), patchWidth(config)]);
}

/** Scalar: how far what is made of `noisy` lies from `clean`, both `[B, N, p·p·C]`. */
export function denoiseLoss(
  config: DenoiseConfig,
  weights: Weights,
  { noisy, clean }: { readonly noisy: Float32Array; readonly clean: Float32Array },
): Tensor {
  const prediction = denoised(config, weights, noisy);
  return meanSquaredError(prediction, tensorOf(clean, prediction.shape));
}
