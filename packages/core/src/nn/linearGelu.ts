import { differentiable } from '../tensor/autodiff.ts';
import { linearBackward, linearGeluForward } from '../tensor/fused/linear.ts';
import { mul, type Tensor } from '../tensor/ops.ts';

/** `gelu(x Wᵀ + b)`: what `gelu` of `linear` gives, in one pass and without keeping what lies between. Borrows its inputs. */
export function linearGelu(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const inputs = bias === undefined ? [x, weight] : [x, weight, bias];
  return differentiable(inputs, () => {
    const [value, derivative] = linearGeluForward(x, weight, bias);
    return {
      value,
      saved: [x, weight, derivative],
      gradient: (dy, [savedX, savedWeight, slope]) => {
        const { dx, dWeight, dBias } = linearBackward(mul(dy, slope), savedX, savedWeight);
        return bias === undefined ? [dx, dWeight] : [dx, dWeight, dBias];
      },
    };
  });
}
