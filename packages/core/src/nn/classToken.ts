import { sizeOf, type Tensor } from '../tensor/ops.ts';
import { poolTokens } from './poolTokens.ts';

/** The class token of each picture of `latent` `[B, 1 + N, D]`: `[B, D]`. */
export function classToken(latent: Tensor): Tensor {
  const shares = new Float32Array(sizeOf(latent, 1));
  shares[0] = 1;
  return poolTokens(latent, shares);
}
