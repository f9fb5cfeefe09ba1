import { differentiable } from '../tensor/autodiff.ts';
import { reluWithDerivative } from '../tensor/fused/relu.ts';
import { mul, type Tensor } from '../tensor/ops.ts';

/** `max(x, 0)`, elementwise (Nair and Hinton 2010); its slope at zero is zero, as in PyTorch. */
export function relu(x: Tensor): Tensor {
  return differentiable([x], () => {
    const [value, derivative] = reluWithDerivative(x);
    return { value, saved: [derivative], gradient: (dy, [saved]) => [mul(dy, saved)] };
  });
}
