import { differentiable } from '../tensor/autodiff.ts';
import {
  attentionBackward,
  attentionForward,
  attentionProbabilities as probabilitiesOf,
} from '../tensor/fused/attention.ts';
import type { AttentionSizes } from '../tensor/loops/attention.ts';
import { concat, lastOf, sizeOf, type Tensor } from '../tensor/ops.ts';
import { linear } from './linear.ts';
import { optionalParam, param, type Weights } from './weights.ts';

export interface AttentionOptions {
  readonly heads: number;
  /** Token t sees tokens up to t only. */
  readonly causal?: boolean;
}

const sizesOf = (qkv: Tensor, { heads, causal = false }: AttentionOptions): AttentionSizes => ({
  batch: sizeOf(qkv, 0),
  tokens: sizeOf(qkv, 1),
  heads,
  width: lastOf(qkv) / 3,
  causal,
});

/** Heads of `qkv` `[B, T, 3·D]` attending to each other: `[B, T, D]`. */
export function scaledDotProduct(qkv: Tensor, options: AttentionOptions): Tensor {
  const sizes = sizesOf(qkv, options);
  return differentiable([qkv], () => {
    const [value, probabilities] = attentionForward(qkv, sizes);
    return {
      value,
      saved: [qkv, probabilities],
      gradient: (dy, saved) => [attentionBackward([dy, ...saved], sizes)],
    };
  });
}

/** What each token looked at, for inspection: `[B, heads, T, T]`, without a gradient. */
export const attentionProbabilities = (qkv: Tensor, options: AttentionOptions): Tensor =>
  probabilitiesOf(qkv, sizesOf(qkv, options));

/** One product for queries, keys and values: x `[B, T, D]` → `[B, T, 3·D]`; `prefix` ends before `.query`. */
export function projectQkv(x: Tensor, weights: Weights, prefix: string): Tensor {
  const parts = ['query', 'key', 'value'].map((part) => `${prefix}.${part}`);
  const biases = parts.flatMap((part) => optionalParam(weights, `${part}.bias`) ?? []);
  const weight = concat(
    parts.map((part) => param(weights, `${part}.weight`)),
    0,
  );
  return linear(x, weight, biases.length === parts.length ? concat(biases, 0) : undefined);
}
