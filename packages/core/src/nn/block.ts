import { differentiable } from '../tensor/autodiff.ts';
import type { Tensor } from '../tensor/ops.ts';
import {
  blockGradient,
  blockValue,
  TRACED,
  type BlockOptions,
  type BlockRows,
  type Trace,
} from './blockPasses.ts';
import { layerNorm } from './layerNorm.ts';
import { linear } from './linear.ts';
import { optionalParam, param, type Weights } from './weights.ts';

/** `linear` by name. */
export const dense = (x: Tensor, weights: Weights, name: string): Tensor =>
  linear(x, param(weights, `${name}.weight`), param(weights, `${name}.bias`));

/** `layerNorm` by name. */
export const norm = (x: Tensor, weights: Weights, name: string, eps: number): Tensor =>
  layerNorm(x, param(weights, `${name}.weight`), param(weights, `${name}.bias`), eps);

const QKV = ['query', 'key', 'value'].map((part) => `attention.attention.${part}`);
const OTHERS = [
  'layernorm_before',
  'attention.output.dense',
  'layernorm_after',
  'intermediate.dense',
  'output.dense',
];

/** A block's parameters by their names after the prefix, in a fixed order; biases of query, key and value may be missing. */
function blockWeights(weights: Weights, prefix: string): Map<string, Tensor> {
  const required = [
    ...OTHERS.flatMap((name) => [`${name}.weight`, `${name}.bias`]),
    ...QKV.map((name) => `${name}.weight`),
  ];
  const own = new Map(required.map((name) => [name, param(weights, prefix + name)]));
  for (const name of QKV.map((part) => `${part}.bias`)) {
    const bias = optionalParam(weights, prefix + name);
    if (bias !== undefined) own.set(name, bias);
  }
  return own;
}

/**
 * A pre-norm transformer block (Dosovitskiy et al. 2021): x `[B, T, D]` → `[B, T, D]`; `prefix` ends before `.attention`. One
 * differentiable operation, because a tape of its dozen parts costs more than the smaller ones of them.
 */
export function block(
  x: Tensor,
  weights: Weights,
  prefix: string,
  options: BlockOptions & BlockRows,
): Tensor {
  const own = blockWeights(weights, prefix);
  return differentiable([x, ...own.values()], () => {
    const { value, trace } = blockValue(x, own, options);
    return {
      value,
      saved: TRACED.map((name) => trace[name]),
      gradient: (dy, saved) => {
        const kept = Object.fromEntries(TRACED.map((name, i) => [name, saved[i]])) as unknown as Trace;
        const { dx, byName } = blockGradient(dy, kept, own, options);
        return [dx, ...[...own.keys()].map((name) => param(byName, name))];
      },
    };
  });
}
