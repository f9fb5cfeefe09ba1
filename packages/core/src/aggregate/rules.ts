import { aggregationRule, type AggregationRule } from '../protocol/round.ts';

export const aggregationRules = aggregationRule.options;

/** `auto` leaves the choice to the number of contributors. */
export type WantedRule = 'auto' | AggregationRule;
export const wantedRules: readonly WantedRule[] = ['auto', ...aggregationRules];

/**
 * What is asked for; else the rule that so many contributors allow. Centred clipping from three on: on recorded
 * pseudo-gradients of 3 to 8 volunteers it lay nearest to the honest mean under nearly every attack, and within 6 % of
 * it without one, where the coordinate-wise rules and Krum lose much of what averaging is for (docs/results/attackers).
 */
export function ruleFor(wanted: WantedRule, contributors: number): AggregationRule {
  if (wanted !== 'auto') return wanted;
  // One cannot be outvoted by one: the mean loses nothing, and what is far too long is clipped all the same.
  return contributors < 3 ? 'mean' : 'centred-clip';
}
