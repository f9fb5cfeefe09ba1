import { differentiable } from '../tensor/autodiff.ts';
import { linearBackward, linearForward } from '../tensor/fused/linear.ts';
import type { Tensor } from '../tensor/ops.ts';

/** `y = x Wᵀ + b` over the last axis: x `[…, in]`, W `[out, in]` as in PyTorch, b `[out]` or none. Borrows its inputs. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return differentiable(inputs, () => ({
    value: linearForward(x, weight, bias),
    saved: [x, weight],
    gradient: (dy, [savedX, savedWeight]) => {
      const { dx, dWeight, dBias } = linearBackward(dy, savedX, savedWeight);
      return bias === undefined ? [dx, dWeight] : [dx, dWeight, dBias];
    },
  }));
}
