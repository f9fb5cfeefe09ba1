import { differentiable } from '../tensor/autodiff.ts';
import { geluWithDerivative } from '../tensor/fused/gelu.ts';
import { mul, type Tensor } from '../tensor/ops.ts';

/** Exact GELU, elementwise: `x Φ(x)` (Hendrycks and Gimpel 2016). Its derivative is made on the way and kept. */
export function gelu(x: Tensor): Tensor {
  return differentiable([x], () => {
    const [value, derivative] = geluWithDerivative(x);
    return { value, saved: [derivative], gradient: (dy, [saved]) => [mul(dy, saved)] };
  });
}
