import { differentiable } from '../tensor/autodiff.ts';
import { lastOf, matMul, reshape, sizeOf, tensorOf, type Tensor } from '../tensor/ops.ts';

/**
 * The tokens of `latent` `[B, 1 + N, D]` added up by `shares` `[1 + N]`, the class token's first: `[B, D]`. As products with a row
 * of weights, which every backend has in both directions without spreading a gradient value by value.
 */
export function poolTokens(latent: Tensor, shares: Float32Array): Tensor {
  const [batch, tokens, width] = [sizeOf(latent, 0), sizeOf(latent, 1), lastOf(latent)];
  return differentiable([latent], () => ({
    value: reshape(matMul(tensorOf(shares, [1, 1, tokens]), latent), [batch, width]),
    saved: [],
    gradient: (dy) => [matMul(tensorOf(shares, [1, tokens, 1]), reshape(dy, [batch, 1, width]))],
  }));
}
