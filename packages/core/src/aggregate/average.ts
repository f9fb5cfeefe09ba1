export interface Weighted {
  readonly values: Float32Array;
  readonly samples: number;
  readonly steps: number;
}

/** No contribution weighs more than this many times the median one (RD10). */
const MOST_WEIGHT_TO_MEDIAN = 3;

const median = (sorted: readonly number[]): number => {
  const middle = Math.floor((sorted.length - 1) / 2);
  return ((sorted[middle] as number) + (sorted[sorted.length - 1 - middle] as number)) / 2;
};

/** Shares that sum to 1: samples, capped at so many times their median (RD10). */
export function contributionShares(
  samples: readonly number[],
  mostToMedian = MOST_WEIGHT_TO_MEDIAN,
): number[] {
  const cap = mostToMedian * median([...samples].sort((a, b) => a - b));
  const capped = samples.map((n) => Math.min(n, cap));
  const total = capped.reduce((a, b) => a + b, 0);
  return capped.map((n) => n / total);
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
  const length = contributions[0]?.values.length;
  if (length === undefined || contributions.some((c) => c.values.length !== length)) {
    throw new Error(
      `averageContributions: expected contributions of one length, received ${contributions.map((c) => c.values.length).join(', ') || 'none'}`,
    );
  }
  const shares = contributionShares(
    contributions.map((c) => c.samples),
    mostToMedian,
  );
  const steps = contributions.reduce((sum, c, i) => sum + (shares[i] as number) * c.steps, 0);
  const sum = new Float64Array(length);
  contributions.forEach((c, i) => {
    const scale = ((shares[i] as number) * steps) / c.steps;
    for (let j = 0; j < length; j++) sum[j] = (sum[j] as number) + scale * (c.values[j] as number);
  });
  return Float32Array.from(sum);
}
