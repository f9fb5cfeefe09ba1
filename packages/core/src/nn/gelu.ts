import { differentiable } from '../tensor/autodiff.ts';
import { geluLoop } from '../tensor/loops/gelu.ts';
import { mul, type Tensor } from '../tensor/ops.ts';
import { runLoop } from '../tensor/runLoop.ts';

/** Exact GELU, elementwise: `x Φ(x)` (Hendrycks and Gimpel 2016). Its derivative is made on the way and kept. */
export function gelu(x: Tensor): Tensor {
  return differentiable([x], () => {
    const [value, derivative] = runLoop([x], [x.shape, x.shape], ([from], [y, d]) => geluLoop(from, y, d));
    return { value, saved: [derivative], gradient: (dy, [saved]) => [mul(dy, saved)] };
  });
}
