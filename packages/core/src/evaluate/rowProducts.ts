/**
 * Every row of `a` with every row of `b`: `a` [M, D] · `b`ᵀ [D, K] → [M, K], summed in double precision.
 * The arithmetic of kNN and of the probe; two rows of `a` and four of `b` at a time keep the sums in registers.
 */
export function rowProducts(a: Matrix, b: Matrix): Float64Array {
  const out = new Float64Array(a.rows * b.rows);
  const lastA = Math.max(0, a.rows - 2);
  const lastB = Math.max(0, b.rows - 4);
  if (a.rows < 2 || b.rows < 4) return plainRowProducts(a, b, out);
  // The last tile overlaps the one before it where the rows do not divide evenly.
  for (let i = 0; i < a.rows; i += 2) {
    for (let j = 0; j < b.rows; j += 4) tile(a, b, Math.min(i, lastA), Math.min(j, lastB), out);
  }
  return out;
}

/** Row-major [rows, width]. */
export interface Matrix {
  readonly values: Float32Array | Float64Array;
  readonly rows: number;
  readonly width: number;
}

/** Rows `from` up to and without `to`, borrowed. */
export const rowsOf = ({ values, width }: Matrix, from: number, to: number): Matrix => ({
  values: values.subarray(from * width, to * width),
  rows: to - from,
  width,
});

/** The rows named, copied. */
export function pickRows(
  { values, width }: Matrix,
  rows: Uint32Array,
): Matrix & { readonly values: Float32Array } {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width));
  return { values: out, rows: rows.length, width };
}

/** Multiplies blocks of rows with all rows of one matrix, again and again. */
export interface OpenProducts {
  /** `[rows of block, rows of the matrix]`, within the error of float32 sums. */
  multiply(block: Matrix): Float32Array | Float64Array;
  close(): void;
}

export type RowMultiplier = (matrix: Matrix) => OpenProducts;

/** Sums in double precision, on any machine. */
export const plainMultiplier: RowMultiplier = (matrix) => ({
  multiply: (block) => rowProducts(block, matrix),
  close: () => undefined,
});

function plainRowProducts(a: Matrix, b: Matrix, out: Float64Array): Float64Array {
  for (let i = 0; i < a.rows; i++) {
    for (let j = 0; j < b.rows; j++) {
      let sum = 0;
      for (let d = 0; d < a.width; d++) {
        sum += (a.values[i * a.width + d] as number) * (b.values[j * b.width + d] as number);
      }
      out[i * b.rows + j] = sum;
    }
  }
  return out;
}

function tile(a: Matrix, b: Matrix, i: number, j: number, out: Float64Array): void {
  const x = a.values;
  const y = b.values;
  const width = a.width;
  let [a0, b0] = [i * width, j * width];
  let [a1, b1] = [a0 + width, b0 + width];
  let [b2, b3] = [b1 + width, b1 + 2 * width];
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (const end = a0 + width; a0 < end; a0++, a1++, b0++, b1++, b2++, b3++) {
    const x0 = x[a0] as number;
    const x1 = x[a1] as number;
    const y0 = y[b0] as number;
    const y1 = y[b1] as number;
    const y2 = y[b2] as number;
    const y3 = y[b3] as number;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
  }
  out.set([s00, s01, s02, s03], i * b.rows + j);
  out.set([s10, s11, s12, s13], (i + 1) * b.rows + j);
}
