import { differentiable } from '../tensor/autodiff.ts';
import { concat, lastOf, reshape, sizeOf, slice, zerosOf, type Tensor } from '../tensor/ops.ts';

/** The patch tokens of `latent` `[B, 1 + N, D]` as rows, the class token left out: `[B·N, D]`. */
export function patchTokens(latent: Tensor): Tensor {
  const [batch, tokens, width] = [sizeOf(latent, 0), sizeOf(latent, 1), lastOf(latent)];
  return differentiable([latent], () => ({
    value: reshape(slice(latent, [0, 1, 0], [batch, tokens - 1, width]), [-1, width]),
    saved: [],
    gradient: (dy) => [concat([zerosOf([batch, 1, width]), reshape(dy, [batch, tokens - 1, width])], 1)],
  }));
}
