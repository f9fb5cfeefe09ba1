import { add, type Tensor } from '../tensor/ops.ts';
import { projectQkv, scaledDotProduct, type AttentionOptions } from './attention.ts';
import { layerNorm } from './layerNorm.ts';
import { linear } from './linear.ts';
import { linearGelu } from './linearGelu.ts';
import { param, type Weights } from './weights.ts';

export interface BlockOptions extends AttentionOptions {
  readonly eps: number;
}

/** `linear` by name. */
export const dense = (x: Tensor, weights: Weights, name: string): Tensor =>
  linear(x, param(weights, `${name}.weight`), param(weights, `${name}.bias`));

/** `layerNorm` by name. */
export const norm = (x: Tensor, weights: Weights, name: string, eps: number): Tensor =>
  layerNorm(x, param(weights, `${name}.weight`), param(weights, `${name}.bias`), eps);

/** A pre-norm transformer block: x `[B, T, D]` → `[B, T, D]`; `prefix` ends before `.attention`. */
export function block(x: Tensor, weights: Weights, prefix: string, options: BlockOptions): Tensor {
  const before = norm(x, weights, `${prefix}layernorm_before`, options.eps);
  const attended = scaledDotProduct(projectQkv(before, weights, `${prefix}attention.attention`), options);
  const middle = add(x, dense(attended, weights, `${prefix}attention.output.dense`));
  const after = norm(middle, weights, `${prefix}layernorm_after`, options.eps);
  const name = `${prefix}intermediate.dense`;
  const hidden = linearGelu(after, param(weights, `${name}.weight`), param(weights, `${name}.bias`));
  return add(middle, dense(hidden, weights, `${prefix}output.dense`));
}
