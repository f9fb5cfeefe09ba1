/** What the snapshot lets one conclude: time left, newest figures, totals. Pure. */
import type { OperatorSnapshot, ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunPhase } from '@murmur/core/protocol/run';
import { formatShare } from '../views/format.ts';

const RECENT_ROUNDS = 10;

const committed = (rounds: readonly RoundRecord[]): RoundRecord[] => rounds.filter((r) => r.reason === null);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Milliseconds to the target at the pace of the last ten rounds; undefined while there is no pace to go by. */
export function timeLeftMs({ run, status, rounds, samplesDone }: OperatorSnapshot): number | undefined {
  if (status.phase === 'finished') return 0;
  if (run.target.kind === 'minutes') return (1 - status.progress) * run.target.amount * 60_000;
  const recent = rounds.slice(-RECENT_ROUNDS);
  const spentMs = sum(recent.map((r) => r.durationMs));
  const kept = committed(recent);
  const gained = run.target.kind === 'rounds' ? kept.length : sum(kept.map((r) => r.samples));
  if (gained === 0 || spentMs === 0) return undefined;
  const done = run.target.kind === 'rounds' ? status.round : samplesDone;
  return (Math.max(0, run.target.amount - done) / gained) * spentMs;
}

/** `new`: nobody has started the run yet. `waiting`: it is started and needs more volunteers. */
export type ShownPhase = RunPhase | 'new';

/** The phase as a person sees it: a run that was never started is not paused but new. */
export function shownPhase(snapshot: OperatorSnapshot): ShownPhase {
  const { status, rounds, open } = snapshot;
  if (status.phase === 'waiting' && missingVolunteers(snapshot) === 0) return 'running';
  const untouched = status.round === 0 && rounds.length === 0 && open === null;
  return status.phase === 'paused' && untouched ? 'new' : status.phase;
}

/** How many volunteers are still needed before a round opens. */
export const missingVolunteers = ({ status, volunteers }: OperatorSnapshot): number =>
  Math.max(0, (status.quorum ?? 1) - volunteers.filter((v) => v.state === 'waiting').length);

/** Of the newest committed round. */
export const latestRound = (rounds: readonly RoundRecord[]): RoundRecord | undefined =>
  committed(rounds).at(-1);

/** Loss now against the round before: negative is better. */
export function lossChange(rounds: readonly RoundRecord[]): number | undefined {
  const losses = committed(rounds).flatMap((r) => (r.loss === null ? [] : [r.loss]));
  const [before, now] = [losses.at(-2), losses.at(-1)];
  return before === undefined || now === undefined ? undefined : now - before;
}

export interface TrafficTotals {
  readonly mesh: number;
  readonly relay: number;
  readonly coordinator: number;
}

/** Bytes over all rounds of the log. */
export const trafficTotals = (rounds: readonly RoundRecord[]): TrafficTotals => ({
  mesh: sum(rounds.map((r) => r.meshBytes)),
  relay: sum(rounds.map((r) => r.relayBytes)),
  coordinator: sum(rounds.map((r) => r.coordinatorBytes)),
});

/** `Linear probe 52.1 %, untrained 31.0 %, raw pixels 28.4 %.` */
export function scoreSentence(score: ScoreRecord, metric: 'probe' | 'knn'): string {
  const { untrained, pixels } = score.baselines;
  const name = metric === 'probe' ? 'Linear probe' : 'kNN';
  return `${name} ${formatShare(score[metric])}${spread(score, metric)}, untrained ${formatShare(untrained[metric])}, raw pixels ${formatShare(pixels[metric])}.`;
}

/** Half the width of the 95 % interval, where it was measured: ` ± 2.1`. */
function spread({ intervals }: ScoreRecord, metric: 'probe' | 'knn'): string {
  const interval = intervals?.[metric];
  return interval === undefined ? '' : ` ± ${(50 * (interval.high - interval.low)).toFixed(1)}`;
}

/** Common vertical axis of both score charts, in shares, on tens of percent. */
export function scoreRange(scores: readonly ScoreRecord[]): readonly [number, number] {
  const last = scores.at(-1);
  if (last === undefined) return [0, 1];
  const { untrained, pixels } = last.baselines;
  const all = [...scores, untrained, pixels].flatMap((s) => [s.knn, s.probe]);
  return [
    Math.max(0, Math.floor(Math.min(...all) * 10 - 0.2) / 10),
    Math.min(1, Math.ceil(Math.max(...all) * 10 + 0.2) / 10),
  ];
}

/** The tab's title: progress first. */
export const operatorTitle = (snapshot: OperatorSnapshot | undefined): string =>
  snapshot === undefined
    ? 'Murmur operator'
    : `${Math.floor(snapshot.status.progress * 100)} % · ${snapshot.run.name} · Murmur operator`;
