import { lengthOfRow, weightedSum } from './row.ts';

/** Times the length of the first. */
const MOST_LENGTH = 3;

/**
 * The mean of vectors of one length by their weights, where none counts as longer than three times the first that has any length.
 * Float64 in the order given. Borrows its arguments; throws where none is given.
 */
export function weightedMean(
  results: readonly { readonly values: Float32Array; readonly weight: number }[],
): Float32Array {
  const total = results.reduce((sum, { weight }) => sum + weight, 0);
  const lengths = results.map(({ values }) => lengthOfRow({ values, scale: 1 }));
  const longest = MOST_LENGTH * (lengths.find((length) => length > 0) ?? 0);
  return weightedSum(
    results.map(({ values, weight }, i) => {
      const length = lengths[i] as number;
      return { values, scale: (weight / total) * (length > longest ? longest / length : 1) };
    }),
  );
}
