import { median } from './median.ts';
import { weightedSum, type Row } from './row.ts';

export interface Weighted {
  readonly values: Float32Array;
  readonly samples: number;
  readonly steps: number;
}

/** No contribution weighs more than this many times the median one (RD10). */
const MOST_WEIGHT_TO_MEDIAN = 3;

/** Shares that sum to 1: samples, capped at so many times their median (RD10). */
export function contributionShares(
  samples: readonly number[],
  mostToMedian = MOST_WEIGHT_TO_MEDIAN,
): number[] {
  const cap = mostToMedian * median(samples);
  const capped = samples.map((n) => Math.min(n, cap));
  const total = capped.reduce((a, b) => a + b, 0);
  return capped.map((n) => n / total);
}

/** @throws when there is nothing to average or lengths differ. */
export function checkLengths(contributions: readonly Weighted[], asker: string): void {
  const length = contributions[0]?.values.length;
  if (length !== undefined && contributions.every((c) => c.values.length === length)) return;
  throw new Error(
    `${asker}: expected contributions of one length, received ${contributions.map((c) => c.values.length).join(', ') || 'none'}`,
  );
}

/** The contributions as rows whose plain sum is their mean: `scale = wᵢ · Σ wⱼ τⱼ / τᵢ`. */
export function meanRows(contributions: readonly Weighted[], mostToMedian = MOST_WEIGHT_TO_MEDIAN): Row[] {
  const shares = contributionShares(
    contributions.map((c) => c.samples),
    mostToMedian,
  );
  const steps = contributions.reduce((sum, c, i) => sum + (shares[i] as number) * c.steps, 0);
  return contributions.map(({ values, steps: own }, i) => {
    return { values, scale: ((shares[i] as number) * steps) / own };
  });
}

/**
 * The weighted mean of pseudo-gradients, each normalised by its steps first, so that a fast peer is not counted
 * twice: `(Σ wᵢ τᵢ) · Σ wᵢ Δᵢ / τᵢ` (FedNova, Wang et al. 2020, eq. 6). With equal steps it is the plain mean.
 * Sums in float64 in the order given, so that every machine gets the same bytes. Borrows its arguments.
 * @throws when there is nothing to average or lengths differ.
 */
export function averageContributions(
  contributions: readonly Weighted[],
  mostToMedian = MOST_WEIGHT_TO_MEDIAN,
): Float32Array {
  checkLengths(contributions, 'averageContributions');
  return weightedSum(meanRows(contributions, mostToMedian));
}
