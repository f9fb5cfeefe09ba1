/** Names of the rules, for messages and settings. */
export const aggregationRules = ['mean', 'trimmed-mean', 'median', 'centred-clip', 'krum'] as const;
export type AggregationRule = (typeof aggregationRules)[number];

/** `auto` leaves the choice to the number of contributors. */
export type WantedRule = 'auto' | AggregationRule;
export const wantedRules: readonly ['auto', ...typeof aggregationRules] = ['auto', ...aggregationRules];

/** What is asked for, or else what so many contributors can withstand. */
export function ruleFor(wanted: WantedRule, contributors: number): AggregationRule {
  if (wanted !== 'auto') return wanted;
  // One cannot be outvoted by one: the mean loses nothing, and its lengths are clipped all the same.
  if (contributors < 3) return 'mean';
  return 'trimmed-mean';
}
