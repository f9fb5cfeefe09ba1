import { differentiable } from '../tensor/autodiff.ts';
import { layerNormBackward, layerNormForward } from '../tensor/fused/layerNorm.ts';
import type { Tensor } from '../tensor/ops.ts';

/** LayerNorm over the last axis: x `[…, D]`, weight and bias `[D]` (Ba et al. 2016); biased variance. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
  return differentiable([x, weight, bias], () => {
    const [value, stats] = layerNormForward([x, weight, bias], eps);
    return {
      value,
      saved: [x, weight, stats],
      gradient: (dy, saved) => [...layerNormBackward([dy, ...saved])],
    };
  });
}
