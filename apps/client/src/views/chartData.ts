/** From round records and scores to the columns that a chart draws. `null` is a gap. */
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { formatLoss } from './format.ts';

export type Column = readonly (number | null)[];

/** `[x, series 1, series 2, …]`, all of one length, x ascending. */
export type ChartData = readonly [readonly number[], ...Column[]];

/** `[rounds, loss]` of committed rounds; an abandoned round has no point of its own. */
export function lossData(records: readonly RoundRecord[]): readonly [readonly number[], Column] {
  const kept = records.filter((r) => r.reason === null && r.loss !== null);
  return [kept.map((r) => r.round), kept.map((r) => r.loss)];
}

/** `[rounds, mesh, relay, coordinator]` in bytes. */
export const trafficData = (records: readonly RoundRecord[]): ChartData => [
  records.map((r) => r.round),
  records.map((r) => r.meshBytes),
  records.map((r) => r.relayBytes),
  records.map((r) => r.coordinatorBytes),
];

/** Each series on top of those before it: what stacked bars are drawn from, the tallest last. */
export function stacked(data: ChartData): ChartData {
  const [x, ...series] = data;
  const heights = x.map(() => 0);
  const columns = series.map((column) =>
    column.map((value, i) => (heights[i] = (heights[i] ?? 0) + (value ?? 0))),
  );
  return [x, ...columns];
}

/**
 * `[rounds, trained, untrained, raw pixels]` of one metric, shares of 1. Round 0 is the untrained encoder by
 * definition, so the curve starts on its baseline and one score is already a line.
 */
export function scoreData(scores: readonly ScoreRecord[], metric: 'probe' | 'knn'): ChartData {
  const last = scores.at(-1);
  if (last === undefined) return [[], [], [], []];
  const { untrained, pixels } = last.baselines;
  const known = scores.filter((score) => score.round > 0);
  const rounds = [0, ...known.map((score) => score.round)];
  return [
    rounds,
    [untrained[metric], ...known.map((score) => score[metric])],
    rounds.map(() => untrained[metric]),
    rounds.map(() => pixels[metric]),
  ];
}

/** The curve in words, for those who do not see it. */
export function describeLoss(records: readonly RoundRecord[]): string {
  const [rounds, losses] = lossData(records);
  if (rounds.length === 0) return 'Loss per round: no round is committed yet.';
  const [first, last] = [rounds[0], rounds.at(-1)];
  if (rounds.length === 1) return `Loss per round: ${formatLoss(losses[0])} in round ${first}.`;
  return `Loss per round: ${formatLoss(losses[0])} in round ${first}, ${formatLoss(losses.at(-1))} in round ${last}.`;
}
