/** Share that an owner reduces, by its uplink: who sends slowly owns less, so that all have sent at the same time. */

const ITERATIONS = 100;
/** Bytes per second from which on links keep nobody waiting: 100 Mbit/s. Differences beyond it are mostly noise. */
const FAST = 12.5e6;

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
};

/**
 * Shares of the parts, summing to 1. A member with share w of P bytes sends (1 − w)P of contributions and, to each of the
 * n − 1 others, wP of updates: P(1 + (n − 2)w) in all. The largest of those times over the uplinks is least where
 * wᵢ = max(0, (ξbᵢ − 1)/(n − 2)) with the ξ for which they sum to 1 (the load balancing of hivemind, Ryabinin et al. 2021,
 * with the optimum found by bisection instead of a solver).
 * @param uplinks bytes per second of each owner; unknown ones count as the median of the known.
 * @param members of the round, owners or not.
 */
export function uplinkShares(uplinks: readonly (number | undefined)[], members: number): number[] {
  const known = uplinks.filter((u): u is number => u !== undefined && u > 0);
  const typical = median(known);
  // With two, each sends the same whatever it owns.
  if (typical === undefined || members <= 2) return uplinks.map(() => 1 / uplinks.length);
  const speeds = uplinks.map((u) => Math.min(FAST, u !== undefined && u > 0 ? u : typical));
  const fastest = Math.max(...speeds);
  const relative = speeds.map((speed) => speed / fastest);
  const sharesAt = (xi: number) => relative.map((b) => Math.max(0, (xi * b - 1) / (members - 2)));
  const total = (xi: number) => sharesAt(xi).reduce((a, b) => a + b, 0);
  let low = 0;
  // At this ξ the fastest alone would own everything.
  let high = members - 1;
  for (let i = 0; i < ITERATIONS; i++) {
    const middle = (low + high) / 2;
    if (total(middle) < 1) low = middle;
    else high = middle;
  }
  const shares = sharesAt(high);
  const sum = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / sum);
}
