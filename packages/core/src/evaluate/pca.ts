/** Principal component analysis (Hotelling 1933), for the first few components only. */
import { key, normal } from '../random/key.ts';
import { rowProducts, type Matrix } from './rowProducts.ts';
import { symmetricEigen } from './symmetricEigen.ts';

export interface Pca {
  /** `[D]` */
  readonly mean: Float64Array;
  /** `[count, D]`, orthonormal, by falling variance; the largest entry of each is positive. Zero beyond the rank. */
  readonly components: Matrix;
  /** `[count]`, population variances along the components. */
  readonly variances: Float64Array;
}

/** Directions carried beside those that are asked for: the more, the faster the iteration. */
const SPARE = 6;
const MOST_ITERATIONS = 300;
/** Of what is left of C·v − λ·v, in units of the largest variance. Where two variances are nearly equal the bound stops it. */
const TOLERANCE = 1e-9;

/**
 * The first `count` components of `data` [M, D]: orthogonal iteration on the covariance with a Rayleigh–Ritz step
 * (Golub and Van Loan 2013, §8.2). The same data give the same bytes.
 */
export function principalComponents(data: Matrix, count: number): Pca {
  const mean = columnMeans(data);
  const covariance = covarianceOf(data, mean);
  const block = Math.min(data.width, count + SPARE);
  const start = Float64Array.from(normal(key(1), block * data.width));
  let pairs = ritzPairs({ values: start, rows: block, width: data.width }, covariance);
  for (let i = 1; i < MOST_ITERATIONS && !converged(pairs, count); i++) {
    pairs = ritzPairs(pairs.images, covariance);
  }
  return {
    mean,
    components: withSigns(firstRows(pairs.vectors, count)),
    variances: pairs.values.slice(0, count),
  };
}

/** Coordinates of the rows along the components: `[M, count]`. */
export function project(data: Matrix, { mean, components }: Pca): Float32Array {
  return Float32Array.from(rowProducts(centred(data, mean), components));
}

function columnMeans({ values, rows, width }: Matrix): Float64Array {
  const mean = new Float64Array(width);
  for (let i = 0; i < rows * width; i++)
    mean[i % width] = (mean[i % width] as number) + (values[i] as number) / rows;
  return mean;
}

const centred = ({ values, rows, width }: Matrix, mean: Float64Array): Matrix => ({
  values: Float64Array.from(values, (value, i) => value - (mean[i % width] as number)),
  rows,
  width,
});

/** `[D, D]` */
function covarianceOf(data: Matrix, mean: Float64Array): Matrix {
  const { rows, width } = data;
  const columns = transposed(centred(data, mean)); // [D, M]
  return { values: rowProducts(columns, columns).map((sum) => sum / rows), rows: width, width };
}

const transposed = ({ values, rows, width }: Matrix): Matrix => ({
  values: Float64Array.from(
    { length: rows * width },
    (_, i) => values[(i % rows) * width + Math.floor(i / rows)] as number,
  ),
  rows: width,
  width: rows,
});

interface RitzPairs {
  readonly values: Float64Array;
  /** `[block, D]` */
  readonly vectors: Matrix;
  /** `[block, D]`, the vectors times the covariance. */
  readonly images: Matrix;
}

/** The best eigenpairs of the covariance within the span of `rows`. */
function ritzPairs(rows: Matrix, covariance: Matrix): RitzPairs {
  const basis = orthonormal(rows);
  const images = { ...basis, values: rowProducts(basis, covariance) };
  const { values, vectors } = symmetricEigen(rowProducts(basis, images), basis.rows);
  const turn = (by: Matrix): Matrix => ({
    ...by,
    values: rowProducts({ values: vectors, rows: by.rows, width: by.rows }, transposed(by)),
  });
  return { values: values.map((value) => Math.max(0, value)), vectors: turn(basis), images: turn(images) };
}

function converged({ values, vectors, images }: RitzPairs, count: number): boolean {
  let largest = 0;
  for (let i = 0; i < count * vectors.width; i++) {
    const value = values[Math.floor(i / vectors.width)] as number;
    largest = Math.max(
      largest,
      Math.abs((images.values[i] as number) - value * (vectors.values[i] as number)),
    );
  }
  return largest <= TOLERANCE * (values[0] ?? 0);
}

/** Gram–Schmidt, twice over because once loses digits; a row that depends on those before it becomes zero. */
function orthonormal({ values, rows, width }: Matrix): Matrix {
  const out = Float64Array.from(values);
  const row = (i: number): Float64Array => out.subarray(i * width, (i + 1) * width);
  for (let i = 0; i < rows; i++) {
    const before = Math.hypot(...row(i));
    for (let j = 0; j < 2 * i; j++) removePart(row(i), row(j % i));
    const length = Math.hypot(...row(i));
    const scale = length > 1e-12 * before ? 1 / length : 0;
    row(i).forEach((value, d, all) => (all[d] = value * scale));
  }
  return { values: out, rows, width };
}

function removePart(from: Float64Array, unit: Float64Array): void {
  const share = from.reduce((sum, value, d) => sum + value * (unit[d] as number), 0);
  from.forEach((value, d) => (from[d] = value - share * (unit[d] as number)));
}

const firstRows = ({ values, rows, width }: Matrix, count: number): Matrix => ({
  values: values.slice(0, Math.min(count, rows) * width),
  rows: Math.min(count, rows),
  width,
});

/** An eigenvector is one with either sign: the largest entry decides. */
function withSigns({ values, rows, width }: Matrix): Matrix {
  const signs = Array.from({ length: rows }, (_, row) => {
    const one = Array.from(values.slice(row * width, (row + 1) * width));
    const largest = one.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    return largest < 0 ? -1 : 1;
  });
  return { values: values.map((value, i) => value * (signs[Math.floor(i / width)] ?? 1)), rows, width };
}
