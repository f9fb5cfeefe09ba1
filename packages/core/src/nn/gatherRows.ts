import { differentiable } from '../tensor/autodiff.ts';
import { gatherRowsBackward, gatherRowsForward } from '../tensor/fused/rows.ts';
import { sizeOf, type Tensor } from '../tensor/ops.ts';

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`; a row may come several times, its gradients add up. */
export function gatherRows(x: Tensor, index: Int32Array): Tensor {
  const rows = sizeOf(x, 0);
  return differentiable([x], () => ({
    value: gatherRowsForward(x, index),
    saved: [],
    gradient: (dy) => [gatherRowsBackward(dy, index, rows)],
  }));
}
