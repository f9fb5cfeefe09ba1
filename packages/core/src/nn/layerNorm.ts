import { differentiable } from '../tensor/autodiff.ts';
import { layerNormGradLoop, layerNormLoop } from '../tensor/loops/layerNorm.ts';
import type { Tensor } from '../tensor/ops.ts';
import { runLoop } from '../tensor/runLoop.ts';

/** LayerNorm over the last axis: x `[…, D]`, weight and bias `[D]` (Ba et al. 2016); biased variance. */
export function layerNorm(x: Tensor, weight: Tensor, bias: Tensor, eps: number): Tensor {
  return differentiable([x, weight, bias], () => {
    const statsShape = [x.size / weight.size, 2];
    const [value, stats] = runLoop([x, weight, bias], [x.shape, statsShape], (from, to) =>
      layerNormLoop(from, to, eps),
    );
    return {
      value,
      saved: [x, weight, stats],
      gradient: (dy, saved) => [
        ...runLoop([dy, ...saved], [x.shape, weight.shape, weight.shape], (from, to) =>
          layerNormGradLoop(from, to),
        ),
      ],
    };
  });
}
