import { gatherRows, scatterRows } from '../composed/rows.ts';
import { gatherRowsLoop, scatterRowsLoop } from '../loops/rows.ts';
import { lastOf, type Tensor } from '../ops.ts';
import { runLoopOnce } from '../runLoop.ts';
import { byBackend } from './byBackend.ts';

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`. */
export function gatherRowsForward(x: Tensor, index: Int32Array): Tensor {
  const width = lastOf(x);
  const loops = () =>
    runLoopOnce([x], [index.length, width], ([from], to) => gatherRowsLoop(from, to, index, width));
  return byBackend({ murmur: loops, loops, composed: () => gatherRows(x, index) });
}

/** The gradient by x `[R, D]`, given dy `[S, D]`. */
export function gatherRowsBackward(dy: Tensor, index: Int32Array, rows: number): Tensor {
  const width = lastOf(dy);
  const loops = () =>
    runLoopOnce([dy], [rows, width], ([from], to) => scatterRowsLoop(from, to, index, width));
  return byBackend({ murmur: loops, loops, composed: () => scatterRows(dy, index, rows) });
}
