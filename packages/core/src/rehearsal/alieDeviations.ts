/**
 * Among few contributors the paper's bound is 0 or hardly more (2 of 8: 0), which would be no attack at all. Its
 * experiments find 1 to 1.5 effective.
 */
const LEAST = 1;

/**
 * How many deviations `f` of `n` may go off without being told from the honest (Baruch et al. 2019, algorithm 3):
 * with `s = ⌊n/2 + 1⌋ − f` honest ones still farther out, theirs is the median: the largest z with
 * `Φ(z) ≤ (n − f − s) / (n − f)`. At least 1.
 */
export function alieDeviations(n: number, f: number): number {
  const supporters = Math.floor(n / 2 + 1) - f;
  return Math.max(LEAST, normalQuantile((n - f - supporters) / (n - f)));
}

/** The inverse of `normalShare`, by bisection; ±6 beyond. */
export function normalQuantile(share: number): number {
  let [low, high] = [-6, 6];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Φ, to 1e-7 (Abramowitz and Stegun 1964, 26.2.17). */
function normalShare(z: number): number {
  if (z < 0) return 1 - normalShare(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  const tail = series.reduceRight((sum, factor) => (sum + factor) * t, 0);
  return 1 - (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
}
