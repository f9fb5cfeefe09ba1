import { elementCount, type ParamSpec } from '../tensor/params.ts';
import type { AdamwCoefficients } from '../tensor/loops/adamw.ts';

export interface AdamwOptions {
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** Decoupled (Loshchilov and Hutter 2019), of what `decays` names. */
  readonly weightDecay: number;
}

/** The betas of MAE's published recipe (He et al. 2022, table 8). */
export const maeAdamw: AdamwOptions = { betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.05 };

/** Decay on matrices only: not on biases, norms and tokens (whose first axis is 1). */
export const decays = ({ shape }: ParamSpec): boolean =>
  shape.length > 1 && (shape[0] ?? 1) > 1 && elementCount(shape) > 0;

/**
 * What step `step` (1, 2, …) does to every value, as `torch.optim.AdamW` does it: decoupled decay first, eps outside the
 * square root, moments corrected for their start at zero.
 */
export function coefficientsAt(
  step: number,
  learningRate: number,
  { betas, eps, weightDecay }: AdamwOptions,
): AdamwCoefficients {
  const [beta1, beta2] = betas;
  return {
    beta1,
    beta2,
    eps,
    keep: 1 - learningRate * weightDecay,
    stepSize: learningRate / (1 - beta1 ** step),
    correction: 1 / Math.sqrt(1 - beta2 ** step),
  };
}
