import { gatherRows, scatterRows } from '../composed/rows.ts';
import { gatherRowsLoop, scatterRowsLoop } from '../loops/rows.ts';
import { lastOf, type Tensor } from '../ops.ts';
import { runLoopOnce } from '../runLoop.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';

/** A kernel would read wherever an index points. */
function inRange(index: Int32Array, rows: number): Int32Array {
  for (const row of index) {
    if (row < 0 || row >= rows)
      throw new Error(`gatherRows: expected rows from 0 to ${rows - 1}, received ${row}`);
  }
  return index;
}

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`. */
export function gatherRowsForward(x: Tensor, index: Int32Array): Tensor {
  const width = lastOf(x);
  const loops = () =>
    runLoopOnce([x], [index.length, width], ([from], to) => gatherRowsLoop(from, to, index, width));
  const murmur = (backend: MurmurBackend) => {
    const indices = backend.scratchIndices(inRange(index, x.size / width));
    return runKernel(backend, [x], [[index.length, width]], ([from], [to]) =>
      backend.kernels.gatherRows(from, indices, to, index.length, width),
    )[0];
  };
  return byBackend({ murmur, loops, composed: () => gatherRows(x, index) });
}

/** The gradient by x `[R, D]`, given dy `[S, D]`. */
export function gatherRowsBackward(dy: Tensor, index: Int32Array, rows: number): Tensor {
  const width = lastOf(dy);
  const loops = () =>
    runLoopOnce([dy], [rows, width], ([from], to) => scatterRowsLoop(from, to, index, width));
  const murmur = (backend: MurmurBackend) => {
    const indices = backend.scratchIndices(index);
    return runKernel(backend, [dy], [[rows, width]], ([from], [to]) =>
      backend.kernels.scatterRows(from, indices, to, index.length, width, rows),
    )[0];
  };
  return byBackend({ murmur, loops, composed: () => scatterRows(dy, index, rows) });
}
