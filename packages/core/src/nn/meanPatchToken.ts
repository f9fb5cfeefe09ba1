import { sizeOf, type Tensor } from '../tensor/ops.ts';
import { poolTokens } from './poolTokens.ts';

/** The mean over the patch tokens of `latent` `[B, 1 + N, D]`, the class token left out: `[B, D]`. */
export function meanPatchToken(latent: Tensor): Tensor {
  const tokens = sizeOf(latent, 1);
  const shares = new Float32Array(tokens).fill(1 / (tokens - 1));
  shares[0] = 0;
  return poolTokens(latent, shares);
}
