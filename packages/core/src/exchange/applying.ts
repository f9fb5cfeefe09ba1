/** The second half of a peer's round: the committed update is handed on, applied, or fetched as a snapshot (RD8, VS2). */
import { handOnUpdate, takeForeignUpdate, takeHandOn } from './between.ts';
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
  const { version, updates, without = [], handOn = [] } = event;
  const next: PeerRound = {
    ...takeHandOn(round, handOn),
    phase: 'applying',
    commit: { version, updates },
    inbox: new Map(),
    deadlineMs: nowMs + round.manifest.reduceMs / 2,
  };
  const first: PeerRoundEffect[] =
    round.phase === 'training' || round.phase === 'syncing' ? [{ type: 'cancelTraining' }] : [];
  const isIn = (part: number) => updates[part] !== null && !without.includes(part);
  if (!updates.every((_, part) => isIn(part))) first.push(...settled(round, isIn));
  // Whoever never reached the base version cannot apply an update to it.
  if (!round.based)
    return [{ ...next, phase: 'resyncing', deadlineMs: undefined }, [...first, { type: 'resync', version }]];
  const [known, handed] = takeEarly(next);
  const [applied, effects] = applyIfAll(known);
  return [applied, [...first, ...handed, ...effects]];
}

/** What came from outside of the group before COMMIT: now it is known whether it is what it should be. */
function takeEarly(round: PeerRound): PeerStep {
  return round.between.early.reduce<PeerStep>(
    ([now, effects], update) => {
      const [next, more] = takeUpdateFromOutside(now, update);
      return [next, [...effects, ...more]];
    },
    [{ ...round, between: { ...round.between, early: [] } }, []],
  );
}

/** GR4: handed on, and taken. */
export function takeUpdateFromOutside(
  round: PeerRound,
  update: { from: string; part: number; bytes: Uint8Array },
): PeerStep {
  const { part, bytes } = update;
  const { round: known, effects, isGood } = takeForeignUpdate(round, update);
  if (!isGood) return [known, effects];
  const [next, more] = takeUpdate(known, part, bytes);
  return [next, [...effects, ...more]];
}

/** From the coordinator, to the owner only: it keeps the bytes and hands them to the group (RD8). */
export function takeOwnUpdate(
  round: PeerRound,
  { part, bytes, to = [] }: Omit<Extract<PeerRoundEvent, { type: 'update' }>, 'type'>,
): PeerStep {
  const effects = handOnUpdate(takeHandOn(round, [{ part, to }]), part, bytes);
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
