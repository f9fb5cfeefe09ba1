/** A classifier on a plain ViT: encoder, mean of patch tokens, a linear layer to the classes. */
import { dense } from '../nn/block.ts';
import { crossEntropy } from '../nn/crossEntropy.ts';
import { meanPatchToken } from '../nn/meanPatchToken.ts';
import type { Weights } from '../nn/weights.ts';
import type { Tensor } from '../tensor/ops.ts';
import type { SupervisedConfig } from './config.ts';
import { wholeInputs } from './maeInputs.ts';
import { encode } from './vit.ts';

/** Logits `[B, classes]` of patches `[B, N, p·p·C]`. Allocates: call it inside `freeing`. */
export function classScores(config: SupervisedConfig, weights: Weights, patches: Float32Array): Tensor {
  const { latent } = encode(config, weights, wholeInputs(config, patches));
  return dense(meanPatchToken(latent), weights, 'classifier');
}

/** Scalar: the cross-entropy with the classes `labels` `[B]`. */
export const classifierLoss = (
  config: SupervisedConfig,
  weights: Weights,
  { patches, labels }: { readonly patches: Float32Array; readonly labels: Int32Array },
): Tensor => crossEntropy(classScores(config, weights, patches), labels);
