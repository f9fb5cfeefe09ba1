/** SimCLR (Chen et al. 2020) on a plain ViT: encoder, mean of patch tokens, projection head, NT-Xent. */
import { dense } from '../nn/block.ts';
import { gelu } from '../nn/gelu.ts';
import { meanPatchToken } from '../nn/meanPatchToken.ts';
import { ntXent } from '../nn/ntXent.ts';
import type { Weights } from '../nn/weights.ts';
import type { Tensor } from '../tensor/ops.ts';
import type { SimclrConfig } from './config.ts';
import { projectionLayer } from './headSpecs.ts';
import { wholeInputs } from './maeInputs.ts';
import { encode } from './vit.ts';

export interface SimclrOutput {
  /** h, `[2B, D]`: the mean of the patch tokens, which is also what is evaluated and exported. */
  readonly representation: Tensor;
  /** z, `[2B, K]`, which only the loss sees. */
  readonly projection: Tensor;
  /** Scalar. */
  readonly loss: Tensor;
}

/** The projection head: h `[2B, D]` → z `[2B, K]`, GELU between its layers; no normalisation over the batch, which would tell peers apart. */
function project(config: SimclrConfig, weights: Weights, representation: Tensor): Tensor {
  return config.projectionSizes.reduce(
    (x, _, i) => dense(i === 0 ? x : gelu(x), weights, projectionLayer(i)),
    representation,
  );
}

/** The whole model on patches `[2B, N, p·p·C]`, where i and B + i are two views of a picture. Allocates: call it inside `freeing`. */
export function simclr(config: SimclrConfig, weights: Weights, patches: Float32Array): SimclrOutput {
  const { latent } = encode(config, weights, wholeInputs(config, patches));
  const representation = meanPatchToken(latent);
  const projection = project(config, weights, representation);
  return { representation, projection, loss: ntXent(projection, config.temperature) };
}
