import { differentiable } from '../tensor/autodiff.ts';
import { gatherRowsLoop, scatterRowsLoop } from '../tensor/loops/rows.ts';
import { lastOf, type Tensor } from '../tensor/ops.ts';
import { runLoopOnce } from '../tensor/runLoop.ts';

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`; a row may come several times, its gradients add up. */
export function gatherRows(x: Tensor, index: Int32Array): Tensor {
  const width = lastOf(x);
  return differentiable([x], () => ({
    value: runLoopOnce([x], [index.length, width], ([from], to) => gatherRowsLoop(from, to, index, width)),
    saved: [],
    gradient: (dy) => [runLoopOnce([dy], x.shape, ([from], to) => scatterRowsLoop(from, to, index, width))],
  }));
}
