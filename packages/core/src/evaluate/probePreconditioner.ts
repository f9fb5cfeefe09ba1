import { factoriseInPlace, solveInPlace } from './cholesky.ts';
import { rowProducts, type Matrix } from './rowProducts.ts';

/** Wider features would cost more to factorise than they save. */
const MAX_WIDTH = 4096;
const BLOCK = 64;

/**
 * An approximate inverse Hessian for the probe, applied in place to W [classes, D] followed by b [classes], or
 * undefined for features too wide. At uniform predictions the Hessian of each class is about
 * p·(1 − p)·XᵀX / M + l2 (Böhning 1992); neighbouring features correlate so much that without it L-BFGS takes
 * ten times the iterations. `columns` is [D, M], the features transposed.
 */
export function probePreconditioner(
  columns: Matrix,
  { classes, l2 }: { readonly classes: number; readonly l2: number },
): ((vector: Float64Array) => void) | undefined {
  const width = columns.rows;
  if (width > MAX_WIDTH) return undefined;
  const spread = (1 - 1 / classes) / classes;
  const factor = gram(columns);
  let trace = 0;
  for (let i = 0; i < width; i++) trace += factor[i * width + i] as number;
  // The last term keeps the factorisation alive where l2 is 0 and columns repeat.
  const ridge = l2 + (1e-7 * spread * trace) / (width * columns.width) + Number.MIN_VALUE;
  for (let i = 0; i < factor.length; i++) factor[i] = ((factor[i] as number) * spread) / columns.width;
  for (let i = 0; i < width; i++) factor[i * width + i] = (factor[i * width + i] as number) + ridge;
  factoriseInPlace(factor, width);
  return (vector) => {
    for (let c = 0; c < classes; c++) {
      solveInPlace(factor, vector.subarray(c * width, (c + 1) * width));
      vector[classes * width + c] = (vector[classes * width + c] as number) / spread;
    }
  };
}

/** XᵀX [D, D], its lower triangle (and a little more), from the columns [D, M]. */
function gram({ values, rows, width }: Matrix): Float64Array {
  const out = new Float64Array(rows * rows);
  for (let start = 0; start < rows; start += BLOCK) {
    const end = Math.min(start + BLOCK, rows);
    const block = rowProducts(
      { values: values.subarray(start * width, end * width), rows: end - start, width },
      { values: values.subarray(0, end * width), rows: end, width },
    );
    for (let row = start; row < end; row++) {
      out.set(block.subarray((row - start) * end, (row - start + 1) * end), row * rows);
    }
  }
  return out;
}
