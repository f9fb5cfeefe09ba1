/** A row-major matrix in double precision whose sides are padded with zeros to multiples of four. */
export interface PaddedMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

const padded = (size: number): number => Math.ceil(size / 4) * 4;

/** A zero matrix of at least `rows` × `columns`. */
export function paddedMatrix(rows: number, columns: number): PaddedMatrix {
  const size = { rows: padded(rows), columns: padded(columns) };
  return { ...size, values: new Float64Array(size.rows * size.columns) };
}

/** How a tile walks through its left factor: from one row to the next, and along the inner axis. */
interface Strides {
  readonly row: number;
  readonly inner: number;
}

/**
 * `c = a · b` in register tiles of 2×4: for products too small to be worth a kernel call. Doubles, because a JavaScript
 * engine would convert every float32 on load.
 */
export function smallProduct(a: PaddedMatrix, b: PaddedMatrix, c: PaddedMatrix): void {
  product(a.values, b, c, { row: a.columns, inner: 1 });
}

/** `c = aᵀ · b`, as fast. */
export function smallProductTransposed(a: PaddedMatrix, b: PaddedMatrix, c: PaddedMatrix): void {
  product(a.values, b, c, { row: 1, inner: a.columns });
}

function product(a: Float64Array, b: PaddedMatrix, c: PaddedMatrix, strides: Strides): void {
  for (let i = 0; i < c.rows; i += 2) {
    for (let j = 0; j < b.columns; j += 4) tile(a, b, c, strides, i, j);
  }
}

/** Rows i, i + 1 and columns j … j + 3 of `to`. Spelled out, for the sums to stay in registers. */
function tile(
  a: Float64Array,
  { values: b, rows, columns: width }: PaddedMatrix,
  to: PaddedMatrix,
  { row, inner }: Strides,
  i: number,
  j: number,
): void {
  let c00 = 0;
  let c01 = 0;
  let c02 = 0;
  let c03 = 0;
  let c10 = 0;
  let c11 = 0;
  let c12 = 0;
  let c13 = 0;
  const last = j + rows * width;
  for (let r = j, p = i * row; r < last; r += width, p += inner) {
    const x = a[p] as number;
    const y = a[p + row] as number;
    const b0 = b[r] as number;
    const b1 = b[r + 1] as number;
    const b2 = b[r + 2] as number;
    const b3 = b[r + 3] as number;
    c00 += x * b0;
    c01 += x * b1;
    c02 += x * b2;
    c03 += x * b3;
    c10 += y * b0;
    c11 += y * b1;
    c12 += y * b2;
    c13 += y * b3;
  }
  const c = to.values;
  const upper = i * width + j;
  const lower = upper + width;
  c[upper] = c00;
  c[upper + 1] = c01;
  c[upper + 2] = c02;
  c[upper + 3] = c03;
  c[lower] = c10;
  c[lower + 1] = c11;
  c[lower + 2] = c12;
  c[lower + 3] = c13;
}
