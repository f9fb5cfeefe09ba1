import { add, lastOf, reshape, type Tensor } from '../tensor/ops.ts';
import { projectQkv, scaledDotProduct, type AttentionOptions } from './attention.ts';
import { gatherRows } from './gatherRows.ts';
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

/** Rows that a block need not compute, because they are repeated or because nobody asks for them. */
export interface BlockRows {
  /** The row of x `[R, D]` that each token of `[B, T]` is; left out: x is `[B, T, D]` itself. */
  readonly tokens?: { readonly batch: number; readonly rows: Int32Array };
  /** The tokens, as rows of `[B·T]`, of which the result is made: `[S, D]`; left out: all. */
  readonly wanted?: Int32Array;
}

const picked = (x: Tensor, rows: Int32Array | undefined): Tensor =>
  rows === undefined ? x : gatherRows(reshape(x, [-1, lastOf(x)]), rows);

/** What heads make of x `[B, T, D]`, or of its rows in the order of `tokens`, after the first norm: `[B, T, D]`. */
function attend(
  x: Tensor,
  weights: Weights,
  prefix: string,
  { tokens, ...options }: BlockOptions & BlockRows,
): Tensor {
  const before = norm(x, weights, `${prefix}layernorm_before`, options.eps);
  const qkv = projectQkv(before, weights, `${prefix}attention.attention`);
  if (tokens === undefined) return scaledDotProduct(qkv, options);
  const { batch, rows } = tokens;
  return scaledDotProduct(reshape(picked(qkv, rows), [batch, rows.length / batch, lastOf(qkv)]), options);
}

/** A pre-norm transformer block: x `[B, T, D]` → `[B, T, D]`; `prefix` ends before `.attention`. */
export function block(
  x: Tensor,
  weights: Weights,
  prefix: string,
  options: BlockOptions & BlockRows,
): Tensor {
  const { tokens, wanted } = options;
  const attended = picked(attend(x, weights, prefix, options), wanted);
  const rows =
    tokens === undefined ? wanted : (wanted?.map((token) => tokens.rows[token] as number) ?? tokens.rows);
  const beside = reshape(picked(x, rows), attended.shape);
  const middle = add(beside, dense(attended, weights, `${prefix}attention.output.dense`));
  const after = norm(middle, weights, `${prefix}layernorm_after`, options.eps);
  const name = `${prefix}intermediate.dense`;
  const hidden = linearGelu(after, param(weights, `${name}.weight`), param(weights, `${name}.bias`));
  return add(middle, dense(hidden, weights, `${prefix}output.dense`));
}
