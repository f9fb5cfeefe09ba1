/**
 * The place in `rounds` (ascending) of the one that is missed least: whose neighbours on both sides lie nearest to each
 * other, the first of equals. Never the first or the last round, so at least three are expected.
 */
export function mostCrowded(rounds: readonly number[]): number {
  let best = 1;
  let least = Infinity;
  for (let i = 1; i < rounds.length - 1; i++) {
    const span = (rounds[i + 1] as number) - (rounds[i - 1] as number);
    if (span < least) [best, least] = [i, span];
  }
  return best;
}
