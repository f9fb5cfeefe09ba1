/** Eigenvalues, largest first, and the eigenvectors that belong to them. */
export interface Eigen {
  readonly values: Float64Array;
  /** `[D, D]`, an eigenvector a row, of length 1. */
  readonly vectors: Float64Array;
}

const MOST_SWEEPS = 50;

/**
 * All eigenpairs of a small symmetric `matrix` [D, D] by cyclic Jacobi rotations (Golub and Van Loan 2013, §8.5). The
 * matrix is left as it is. A few sweeps are enough: what is off the diagonal shrinks quadratically.
 */
export function symmetricEigen(matrix: Float64Array, size: number): Eigen {
  const a = matrix.slice();
  const v = Float64Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0));
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(a, size); sweep++) {
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, v, size, p, q);
  }
  const diagonal = Array.from({ length: size }, (_, i) => a[i * (size + 1)] as number);
  const order = [...diagonal.keys()].sort((i, j) => (diagonal[j] as number) - (diagonal[i] as number));
  const vectors = new Float64Array(size * size);
  order.forEach((from, to) => vectors.set(v.subarray(from * size, (from + 1) * size), to * size));
  return { values: Float64Array.from(order, (i) => diagonal[i] as number), vectors };
}

function isDiagonal(a: Float64Array, size: number): boolean {
  let [on, off] = [0, 0];
  a.forEach((value, i) => (i % (size + 1) === 0 ? (on += value * value) : (off += value * value)));
  return off <= 1e-28 * on;
}

/** Makes the entry (p, q) of `a` zero by a rotation of both its sides, and turns the rows of `v` along. */
function rotate(a: Float64Array, v: Float64Array, size: number, p: number, q: number): void {
  const apq = a[p * size + q] as number;
  if (apq === 0) return;
  const tau = ((a[q * (size + 1)] as number) - (a[p * (size + 1)] as number)) / (2 * apq);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const cos = 1 / Math.hypot(1, t);
  const turn = (square: Float64Array, i: number, j: number): void => {
    const [x, y] = [square[i] as number, square[j] as number];
    square[i] = cos * x - cos * t * y;
    square[j] = cos * t * x + cos * y;
  };
  for (let i = 0; i < size; i++) turn(a, i * size + p, i * size + q);
  for (let i = 0; i < size; i++) turn(a, p * size + i, q * size + i);
  for (let i = 0; i < size; i++) turn(v, p * size + i, q * size + i);
}
