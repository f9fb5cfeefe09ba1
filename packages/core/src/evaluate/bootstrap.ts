/** How far a figure measured on some test rows may be from that on all there could be: the percentile bootstrap (Efron 1979). */
import { uniformStream, type Key } from '../random/key.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A figure with the interval that it lies in. */
export interface Estimate extends Interval {
  readonly value: number;
}

export interface BootstrapOptions {
  readonly resamples?: number;
  /** Share of intervals that hold the truth. */
  readonly level?: number;
}

/**
 * The mean of `values` with its interval. Of hits (1 right, 0 wrong) it is an accuracy; of the differences between the hits of two
 * classifiers on the same rows, how much better the first is. Throws on no values.
 */
export function bootstrapMean(
  from: Key,
  values: ArrayLike<number>,
  options: BootstrapOptions = {},
): Estimate {
  const { resamples = 1000, level = 0.95 } = options;
  if (values.length === 0) throw new Error('bootstrapMean: expected at least one value, received none');
  const next = uniformStream(from);
  const means = Float64Array.from({ length: resamples }, () => resampledMean(next, values)).sort();
  const tail = (1 - level) / 2;
  return { value: meanOf(values), low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** `[M]`, first minus second: what `bootstrapMean` takes for the paired difference. */
export const pairedDifferences = (first: Uint8Array, second: Uint8Array): Int8Array =>
  Int8Array.from(first, (hit, row) => hit - (second[row] as number));

function resampledMean(next: () => number, values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[Math.floor(next() * values.length)] as number;
  return sum / values.length;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] as number;
  return sum / values.length;
}

/** Of ascending values, linear between its neighbours. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] as number;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] as number) - below);
}
