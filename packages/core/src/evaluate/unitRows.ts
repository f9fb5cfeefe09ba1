import type { Matrix } from './rowProducts.ts';

/**
 * The rows scaled to length 1, so that distances between them order pictures as the cosines of kNN do. A row of zeros
 * stays one.
 */
export function unitRows({ values, rows, width }: Matrix): Matrix {
  const out = Float64Array.from(values);
  for (let row = 0; row < rows; row++) {
    const one = out.subarray(row * width, (row + 1) * width);
    const length = Math.hypot(...one);
    if (length > 0) one.forEach((value, i) => (one[i] = value / length));
  }
  return { values: out, rows, width };
}
