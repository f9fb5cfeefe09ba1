/** Zhang et al. 2016, §2.2: how much of the weights' distribution is uniform. */
const LAMBDA = 0.5;

/**
 * The weight of each row in a cross-entropy over `classes` Q classes, `[R]`: `w ∝ ((1 − λ) p + λ / Q)⁻¹` of its class, where p is the
 * share of the rows in `targets` `[R]` that are of that class, scaled so that the mean weight is 1 (Zhang et al. 2016, equation 4).
 */
export function rebalancingWeights(targets: Int32Array, classes: number): Float32Array {
  const counts = new Float64Array(classes);
  for (const target of targets) counts[target] = (counts[target] as number) + 1;
  const inverse = counts.map((count) => 1 / ((1 - LAMBDA) * (count / targets.length) + LAMBDA / classes));
  const expected = inverse.reduce(
    (sum, weight, q) => sum + (weight * (counts[q] as number)) / targets.length,
    0,
  );
  return Float32Array.from(targets, (target) => (inverse[target] as number) / expected);
}
