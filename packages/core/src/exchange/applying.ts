/** The second half of a peer's round: the committed update is handed on, applied, or fetched as a snapshot (RD8, VS2). */
import { settled } from './contributing.ts';
import type { PeerRound, PeerRoundEffect, PeerRoundEvent, PeerStep } from './peerState.ts';

const confirm = (round: PeerRound, version: string, resynced: boolean): PeerRoundEffect => ({
  type: 'confirm',
  round: round.manifest.round,
  version,
  resynced,
});

export function takeCommit(
  round: PeerRound,
  event: Extract<PeerRoundEvent, { type: 'commit' }>,
  nowMs: number,
): PeerStep {
  if (round.commit) return [round, []];
  const { version, updates } = event;
  const next: PeerRound = {
    ...round,
    phase: 'applying',
    commit: { version, updates },
    inbox: new Map(),
    deadlineMs: nowMs + round.manifest.reduceMs / 2,
  };
  const first: PeerRoundEffect[] =
    round.phase === 'training' || round.phase === 'syncing' ? [{ type: 'cancelTraining' }] : [];
  if (updates.includes(null)) first.push(...settled(round, (part) => updates[part] !== null));
  // Whoever never reached the base version cannot apply an update to it.
  if (!round.based)
    return [{ ...next, phase: 'resyncing', deadlineMs: undefined }, [...first, { type: 'resync', version }]];
  const [applied, effects] = applyIfAll(next);
  return [applied, [...first, ...effects]];
}

/** From the coordinator, to the owner only: it keeps the bytes and hands them to the group (RD8). */
export function takeOwnUpdate(round: PeerRound, part: number, bytes: Uint8Array): PeerStep {
  const others = round.manifest.members.flatMap(({ peer }) =>
    peer === round.self || round.gone.has(peer) ? [] : [peer],
  );
  const effects = others.map((to): PeerRoundEffect => ({
    type: 'transmit',
    to,
    kind: 'update',
    part,
    bytes,
  }));
  const [next, more] = takeUpdate(round, part, bytes);
  return [next, [...effects, ...more]];
}

export function takeUpdate(round: PeerRound, part: number, bytes: Uint8Array): PeerStep {
  if (!round.manifest.parts[part] || round.updates.has(part)) return [round, []];
  return applyIfAll({ ...round, updates: new Map(round.updates).set(part, bytes) });
}

export function applyIfAll(round: PeerRound): PeerStep {
  if (round.phase !== 'applying' || !round.commit) return [round, []];
  const wanted = round.commit.updates;
  if (wanted.some((hash, part) => hash !== null && !round.updates.has(part))) return [round, []];
  const updates = wanted.map((hash, part) => (hash === null ? null : (round.updates.get(part) ?? null)));
  return [{ ...round, deadlineMs: undefined, updates: new Map() }, [{ type: 'apply', updates }]];
}

/** The name decides (VS2): anything else than the committed version is replaced by a snapshot, loudly. */
export function takeApplied(round: PeerRound, version: string): PeerStep {
  if (round.phase !== 'applying' || !round.commit) return [round, []];
  if (version !== round.commit.version)
    return [{ ...round, phase: 'resyncing' }, [{ type: 'resync', version: round.commit.version }]];
  return [{ ...round, phase: 'ended' }, [confirm(round, version, false)]];
}

export function takeResynced(round: PeerRound, version: string): PeerStep {
  if (version === round.manifest.base && !round.based) {
    const based = { ...round, based: true };
    return round.phase === 'syncing' ? [{ ...based, phase: 'training' }, [{ type: 'train' }]] : [based, []];
  }
  if (round.phase !== 'resyncing' || version !== round.commit?.version) return [round, []];
  return [{ ...round, phase: 'ended' }, [confirm(round, version, true)]];
}
