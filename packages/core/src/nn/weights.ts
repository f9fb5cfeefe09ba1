import type { Tensor } from '../tensor/ops.ts';

/** Parameters by their Hugging Face names. */
export type Weights = ReadonlyMap<string, Tensor>;

/** A parameter that must be there. */
export function param(weights: Weights, name: string): Tensor {
  const tensor = weights.get(name);
  if (tensor === undefined)
    throw new Error(`param: expected a parameter ${name} among the ${weights.size} given`);
  return tensor;
}

export const optionalParam = (weights: Weights, name: string): Tensor | undefined => weights.get(name);
