import { median } from '../aggregate/median.ts';
import { examplesOf, type In } from './open.ts';

/** Of the examples leased to those who are still in the round: with less nobody is left behind before the cap. */
const ENOUGH_WEIGHT = 0.8;
const SPREADS = 3;
/** Nobody is late by less than this share of the middle one's time, however alike the others were. */
const LEAST_SPREAD = 0.05;
/** After the training budget: the step that was begun, encoding, the way here. */
const ANSWER_SHARE = 1.1;
const ANSWER_MS = 1_000;

/** Median + 3 × the median absolute deviation of these times, robust against the few that are far out. */
export function outlierAt(times: readonly number[]): number {
  const middle = median(times);
  const spread = median(times.map((t) => Math.abs(t - middle)));
  return middle + SPREADS * Math.max(spread, LEAST_SPREAD * middle);
}

/**
 * When the list of contributors is fixed though some are missing (RD4): at the cap, or once those who are ready hold 80 % of
 * the examples of all who are still in the round, everybody's budget is over, and who is missing is an outlier.
 */
export function freezeAtMs(round: In<'training'>): number {
  const { manifest, ready, readyAtMs, out, openedAtMs, capMs } = round;
  const weight = (among: (peer: string) => boolean) =>
    manifest.members.reduce((sum, { peer, leases }) => sum + (among(peer) ? examplesOf(leases) : 0), 0);
  const expected = weight((peer) => !out.has(peer));
  if (readyAtMs.size === 0 || weight((peer) => ready.has(peer)) < ENOUGH_WEIGHT * expected) return capMs;
  const late = outlierAt([...readyAtMs.values()].map((at) => at - openedAtMs));
  const budget = manifest.trainMs * ANSWER_SHARE + ANSWER_MS;
  return Math.min(capMs, openedAtMs + Math.max(late, budget));
}
