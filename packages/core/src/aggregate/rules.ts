/** Names of the rules, for messages and settings. */
export const aggregationRules = ['mean', 'trimmed-mean', 'median', 'centred-clip', 'krum'] as const;
export type AggregationRule = (typeof aggregationRules)[number];

/** `auto` leaves the choice to the number of contributors. */
export type WantedRule = 'auto' | AggregationRule;
export const wantedRules: readonly ['auto', ...typeof aggregationRules] = ['auto', ...aggregationRules];
