import type { Outcome } from './world.ts';

const SHOWN_SEEDS = 20;

/** Of the rounds of these outcomes. */
const shareCommitted = (outcomes: readonly Outcome[]): number => {
  const sum = (of: (o: Outcome) => number) => outcomes.reduce((total, o) => total + of(o), 0);
  return (
    sum((o) => o.committed) /
    Math.max(
      1,
      sum((o) => o.rounds),
    )
  );
};

/** What many seeds come to. `commitRate` is that of the seeds in which a fifth of the members vanish in every round. */
export function summaryOf(outcomes: readonly Outcome[], firstSeed: number, seconds: number) {
  const sum = (of: (o: Outcome) => number) => outcomes.reduce((total, o) => total + of(o), 0);
  const failing = outcomes.filter((o) => o.broken.length > 0).map((o) => o.seed);
  const figures = {
    ...{
      seeds: outcomes.length,
      firstSeed,
      rounds: sum((o) => o.rounds),
      committed: sum((o) => o.committed),
    },
    commitRate: shareCommitted(outcomes.filter((o) => o.kind === 'churn')),
    commitRateOfStorms: shareCommitted(outcomes.filter((o) => o.kind === 'storm')),
    ...{ resyncs: sum((o) => o.resyncs), bans: sum((o) => o.bans), hangs: sum((o) => Number(o.hung)) },
    brokenRules: sum((o) => o.broken.length),
    failingSeeds: failing.sort((a, b) => a - b).slice(0, SHOWN_SEEDS),
    seconds,
  };
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const sentence =
    `${figures.seeds} seeds, ${figures.rounds} rounds; committed at a fifth of churn ${percent(figures.commitRate)}, in storms ` +
    `${percent(figures.commitRateOfStorms)}; ${figures.bans} liars excluded, ${figures.hangs} hangs, ` +
    `${figures.brokenRules} broken rules in ${seconds.toFixed(1)} s`;
  return { figures, sentence };
}
