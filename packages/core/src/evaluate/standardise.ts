import type { Matrix } from './rowProducts.ts';

/** Mean and population standard deviation of each column; 1 where a column is constant. */
export interface Standardiser {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Measures the columns of the training rows; test rows must never come in here. */
export function fitStandardiser(training: Matrix): Standardiser {
  const { values, rows, width } = training;
  const mean = new Float64Array(width);
  const squares = new Float64Array(width);
  for (let i = 0; i < rows * width; i++)
    mean[i % width] = (mean[i % width] as number) + (values[i] as number) / rows;
  // Two passes: E[x²] − E[x]² loses everything where the mean is large.
  for (let i = 0; i < rows * width; i++) {
    const difference = (values[i] as number) - (mean[i % width] as number);
    squares[i % width] = (squares[i % width] as number) + (difference * difference) / rows;
  }
  return { mean, deviation: squares.map((variance) => (variance > 1e-20 ? Math.sqrt(variance) : 1)) };
}

/** A new matrix whose columns are shifted and scaled. */
export function standardise({ values, rows, width }: Matrix, by: Standardiser): Matrix {
  const out = new Float32Array(rows * width);
  for (let i = 0; i < out.length; i++) {
    out[i] = ((values[i] as number) - (by.mean[i % width] as number)) / (by.deviation[i % width] as number);
  }
  return { values: out, rows, width };
}
