import { differentiable } from '../tensor/autodiff.ts';
import { lastOf, matMul, reshape, sizeOf, tensorOf, type Tensor } from '../tensor/ops.ts';

/**
 * The mean over the patch tokens of `latent` `[B, 1 + N, D]`, the class token left out: `[B, D]`. As products with a row
 * of weights, which every backend has in both directions without spreading a gradient value by value.
 */
export function meanPatchToken(latent: Tensor): Tensor {
  const [batch, tokens, width] = [sizeOf(latent, 0), sizeOf(latent, 1), lastOf(latent)];
  const weights = new Float32Array(tokens).fill(1 / (tokens - 1));
  weights[0] = 0;
  return differentiable([latent], () => ({
    value: reshape(matMul(tensorOf(weights, [1, 1, tokens]), latent), [batch, width]),
    saved: [],
    gradient: (dy) => [matMul(tensorOf(weights, [1, tokens, 1]), reshape(dy, [batch, 1, width]))],
  }));
}
