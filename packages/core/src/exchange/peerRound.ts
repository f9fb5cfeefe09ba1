import type { RoundManifest } from '../protocol/round.ts';
import {
  takeApplied,
  takeCommit,
  takeOwnUpdate,
  takeResynced,
  takeUpdate,
  takeUpdateFromOutside,
} from './applying.ts';
import {
  combineOverdue,
  combineWakeMs,
  NOTHING_BETWEEN,
  takeCombined,
  takePlans,
  takeResult,
} from './between.ts';
import {
  beginReductions,
  settled,
  takeContribution,
  takePresent,
  takeReduce,
  takeReduced,
  takeReplay,
  takeTrained,
} from './contributing.ts';
import type { PeerRound, PeerRoundEvent, PeerStep } from './peerState.ts';

export type { PeerRound, PeerRoundEffect, PeerRoundEvent, PeerStep, PayloadKind } from './peerState.ts';

/** Begins the round; `base` is the version held now. A stale one is fetched first. */
export function beginPeerRound(manifest: RoundManifest, self: string, base: string | undefined): PeerStep {
  const fresh = base === manifest.base;
  const round: PeerRound = {
    self,
    manifest,
    phase: fresh ? 'training' : 'syncing',
    based: fresh,
    trained: undefined,
    contributors: [],
    owners: [],
    handedOn: new Map(),
    inbox: new Map(),
    begun: new Set(),
    gone: new Set(),
    between: NOTHING_BETWEEN,
    commit: undefined,
    updates: new Map(),
    deadlineMs: undefined,
  };
  return [round, [fresh ? { type: 'train' } : { type: 'resync', version: manifest.base }]];
}

/** `(round, event, now) → [round, effects]`. Events that no longer matter change nothing. */
export function reducePeerRound(round: PeerRound, event: PeerRoundEvent, nowMs: number): PeerStep {
  if (round.phase === 'ended') return [round, []];
  switch (event.type) {
    case 'trained':
      return takeTrained(round, event.result, event.meshed);
    case 'reduce':
      return takeReduce(round, event, nowMs);
    case 'replay':
      return takeReplay(round, event, nowMs);
    case 'payload':
      return takePayload(round, event);
    case 'combine':
      return takePlans(round, event.plans, nowMs);
    case 'combined':
      return takeCombined(round, event);
    case 'reduced':
      return takeReduced(round, event.part, event.result);
    case 'update':
      return takeOwnUpdate(round, event);
    case 'commit':
      return takeCommit(round, event, nowMs);
    case 'applied':
      return takeApplied(round, event.version);
    case 'resynced':
      return takeResynced(round, event.version);
    case 'present':
      return takePresent(round, event.peers);
    case 'abandoned':
      return [
        { ...round, phase: 'ended', deadlineMs: undefined },
        [{ type: 'cancelTraining' }, ...settled(round, () => false)],
      ];
    case 'tick':
      return takeTick(round, nowMs);
  }
}

/** From members, or from those of other groups with whom something is done together (GR3, GR4). */
function takePayload(
  round: PeerRound,
  { from, kind, part, bytes }: Extract<PeerRoundEvent, { type: 'payload' }>,
): PeerStep {
  if (kind === 'partial') return takeResult(round, from, part, bytes);
  const isMember = round.manifest.members.some((m) => m.peer === from);
  if (kind === 'contribution') return isMember ? takeContribution(round, { from, part, bytes }) : [round, []];
  return isMember ? takeUpdate(round, part, bytes) : takeUpdateFromOutside(round, { from, part, bytes });
}

/** When this round next wants a `tick`. */
export function peerWakeMs(round: PeerRound): number | undefined {
  const wakes = [round.deadlineMs, round.phase === 'reducing' ? combineWakeMs(round) : undefined];
  const known = wakes.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function takeTick(round: PeerRound, nowMs: number): PeerStep {
  const [next, effects] = endWait(round, nowMs);
  if (next.phase !== 'reducing') return [next, effects];
  const [combined, more] = combineOverdue(next, nowMs);
  return [combined, [...effects, ...more]];
}

/** Nobody hangs: every wait ends. A reduction goes on without the missing; a missing update is fetched. */
function endWait(round: PeerRound, nowMs: number): PeerStep {
  if (round.deadlineMs === undefined || nowMs < round.deadlineMs) return [round, []];
  if (round.phase === 'reducing') {
    const [next, effects] = beginReductions({ ...round, deadlineMs: undefined }, true);
    return [next, effects];
  }
  if (round.phase === 'applying' && round.commit) {
    return [
      { ...round, phase: 'resyncing', deadlineMs: undefined },
      [{ type: 'resync', version: round.commit.version }],
    ];
  }
  return [{ ...round, deadlineMs: undefined }, []];
}
