import type { Reason } from '../protocol/reasons.ts';
import { MOST_NAMED, type RoundRecord } from '../protocol/run.ts';
import { contributionShares } from '../aggregate/average.ts';
import { settle, type LeaseBook } from './leases.ts';
import { remember } from './past.ts';
import { updatePace } from './plan.ts';
import {
  type Frozen,
  type Given,
  type OpenRound,
  type Ready,
  type RoundEffect,
  type RoundState,
  type Step,
} from './state.ts';

/** After an abandoned round the next one waits, so that a broken run does not spin. */
const PAUSE_AFTER_ABANDONED_MS = 1_000;

/** Links that cannot carry a round in so many times its budget cannot carry it at all. */
const MOST_PATIENCE = 16;

const sum = (values: Iterable<number>): number => [...values].reduce((a, b) => a + b, 0);

/** The books after the round: what each contributor trained on is seen, everything else is free again (SH2). */
export function settleAll(
  book: LeaseBook,
  round: OpenRound,
  contributors: ReadonlyMap<string, Ready>,
): LeaseBook {
  const used = round.manifest.members.map(({ peer, leases }) => ({
    ...{ leases, used: contributors.get(peer)?.samples ?? 0 },
  }));
  return settle(book, used);
}

/** The record of a round as far as it is known at `nowMs`; mesh bytes arrive with APPLIED. */
export function recordOf(
  round: Frozen,
  {
    missingParts,
    coordinatorBytes,
    nowMs,
  }: { missingParts: number; coordinatorBytes: number; nowMs: number },
): Omit<RoundRecord, 'version'> {
  const ready = round.contributors.flatMap((c) => round.ready.get(c.peer) ?? []);
  const shares = contributionShares(ready.map((r) => r.samples));
  const samples = sum(ready.map((r) => r.samples));
  return {
    round: round.manifest.round,
    loss: sum(ready.map((r, i) => r.loss * (shares[i] as number))),
    volunteers: ready.length,
    samples,
    samplesPerSecond: samples / Math.max(1e-3, (nowMs - round.openedAtMs) / 1e3),
    meshBytes: 0,
    relayBytes: 0,
    coordinatorBytes,
    durationMs: nowMs - round.openedAtMs,
    exchangeMs: nowMs - round.frozenAtMs,
    steps: sum(ready.map((r, i) => r.steps * (shares[i] as number))),
    codec: round.manifest.codec,
    missingParts,
    ...naming(missingFrom(round)),
    reason: null,
  };
}

/** Ends the round without a change (RD9): leases are given back, everybody is told why. */
export function abandon(state: RoundState, round: OpenRound, reason: Reason, nowMs: number): Step {
  const { manifest } = round;
  const record: RoundRecord = {
    round: manifest.round,
    version: manifest.base,
    loss: null,
    volunteers: 0,
    samples: 0,
    samplesPerSecond: 0,
    meshBytes: 0,
    relayBytes: state.relayBytes,
    coordinatorBytes: state.helpBytes,
    durationMs: nowMs - round.openedAtMs,
    exchangeMs: 0,
    steps: 0,
    codec: manifest.codec,
    missingParts: manifest.parts.length,
    ...naming(manifest.members.map((m) => m.name)),
    reason,
  };
  const next: RoundState = {
    ...state,
    round: manifest.round,
    leases: settleAll(state.leases, round, new Map()),
    trainedMs: state.trainedMs + record.durationMs,
    past: remember(state, round, []),
    helpBytes: 0,
    open: undefined,
    reducePatience:
      reason === 'no-part' ? Math.min(MOST_PATIENCE, 2 * state.reducePatience) : state.reducePatience,
    notBeforeMs: nowMs + PAUSE_AFTER_ABANDONED_MS,
    waitingSinceMs: nowMs,
  };
  const to = manifest.members.map((m) => m.peer);
  return [
    next,
    [
      { type: 'send', to, message: { type: 'abandoned', round: manifest.round, reason } },
      { type: 'record', record, members: to.map((peer) => ({ peer, ready: undefined })) },
      { type: 'statusChanged' },
    ],
  ];
}

function missingFrom({ manifest, contributors }: Frozen): string[] {
  const named = new Set(contributors.map((c) => c.peer));
  return manifest.members.flatMap(({ peer, name }) => (named.has(peer) ? [] : [name]));
}

const naming = (missing: readonly string[]) => ({
  missing: missing.slice(0, MOST_NAMED),
  missingMembers: missing.length,
});

const whatEachGave = ({ manifest, contributors, ready }: Frozen): Given[] =>
  manifest.members.map(({ peer }) => ({
    peer,
    ready: contributors.some((c) => c.peer === peer) ? ready.get(peer) : undefined,
  }));

/** Ends a committed round once everybody has the version or the time for that is up. */
export function close(state: RoundState, round: OpenRound & { phase: 'spreading' }, nowMs: number): Step {
  const applied = [...round.applied.values()];
  const durationMs = nowMs - round.openedAtMs;
  const record: RoundRecord = {
    ...round.record,
    meshBytes: sum(applied.map((a) => a.meshBytes)),
    relayBytes: state.relayBytes,
    // What was asked of contributors after the version was made is part of the round, too (AG3).
    coordinatorBytes: round.record.coordinatorBytes + state.helpBytes - round.countedBytes,
    durationMs,
    exchangeMs: nowMs - round.frozenAtMs,
    samplesPerSecond: round.record.samples / Math.max(1e-3, durationMs / 1e3),
  };
  const stepsMs = round.contributors.flatMap((c) => {
    const ready = round.ready.get(c.peer);
    // Nobody can have trained for longer than the round has.
    return ready ? [Math.min(ready.trainMs, round.frozenAtMs - round.openedAtMs) / ready.steps] : [];
  });
  const next: RoundState = {
    ...state,
    trainedMs: state.trainedMs + durationMs,
    pace: updatePace(state.pace, { stepMs: Math.max(...stepsMs), exchangeMs: record.exchangeMs }),
    open: undefined,
    helpBytes: 0,
    reducePatience: Math.max(1, state.reducePatience / 2),
    notBeforeMs: nowMs,
    waitingSinceMs: nowMs,
  };
  const effects: RoundEffect[] = [
    { type: 'record', record, members: whatEachGave(round) },
    { type: 'statusChanged' },
  ];
  return [next, effects];
}
