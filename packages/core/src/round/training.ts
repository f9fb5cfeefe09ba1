/** Training: who is ready, and when the list of contributors is fixed (RD3, RD4). */
import type { Contributor } from '../protocol/round.ts';
import { abandon } from './closing.ts';
import { freezeAtMs } from './freezing.ts';
import { gather } from './gathering.ts';
import { groupOf, ownersNow } from './groups.ts';
import { reduceMessages } from './naming.ts';
import { RELIEF_AT } from './relief.ts';
import { type In, memberOf, present, refuse } from './open.ts';
import type { Ready, RoundState, Step } from './state.ts';

/** READY (RD3): taken once per member while the round trains, if it fits the manifest. */
export function takeReady(state: RoundState, peer: string, message: Ready, nowMs: number): Step {
  const round = state.open;
  if (round?.phase !== 'training' || message.round !== round.manifest.round) {
    return refuse(state, { peer, reason: 'wrong-round', detail: `ready for round ${message.round}` });
  }
  const member = memberOf(round, peer);
  if (!member) return refuse(state, { peer, reason: 'not-a-member', detail: `round ${message.round}` });
  // Whoever is out is told nothing any more, so nothing can be expected of it.
  if (round.out.has(peer))
    return refuse(state, {
      peer,
      reason: 'wrong-round',
      detail: `ready after leaving round ${message.round}`,
    });
  if (round.ready.has(peer))
    return refuse(state, { peer, reason: 'duplicate', detail: `ready for round ${message.round}` });
  const { parts, maxSteps, batchSize } = round.manifest;
  if (
    message.hashes.length !== parts.length ||
    message.steps > maxSteps ||
    message.samples > message.steps * batchSize * member.workers
  ) {
    return refuse(state, {
      peer,
      reason: 'wrong-size',
      detail: `${message.hashes.length} parts, ${message.steps} steps, ${message.samples} samples`,
    });
  }
  if (![message.loss, message.norm].every(Number.isFinite)) {
    const [, refused] = refuse(state, { peer, reason: 'non-finite', detail: 'loss or norm' });
    const [next, effects] = dropTrainee(state, round, peer, nowMs);
    return [next, [...refused, ...effects]];
  }
  const next = {
    ...round,
    ready: new Map(round.ready).set(peer, message),
    readyAtMs: new Map(round.readyAtMs).set(peer, nowMs),
  };
  return wait({ ...state, volunteers: withMeshed(state, round, peer, message) }, next, nowMs);
}

/** A member that reaches less than half of the others directly would own parts for the relay to carry (RD11). */
function withMeshed(
  state: RoundState,
  { groups }: In<'training'>,
  peer: string,
  message: Ready,
): RoundState['volunteers'] {
  const volunteer = state.volunteers.get(peer);
  if (!volunteer) return state.volunteers;
  const mine = groups[groupOf(groups, peer) ?? 0]?.members ?? [];
  const others = mine.filter((m) => m.peer !== peer);
  const reached = others.filter((m) => message.meshed.includes(m.peer)).length;
  const meshed = 2 * reached >= others.length;
  return meshed === volunteer.meshed
    ? state.volunteers
    : new Map(state.volunteers).set(peer, { ...volunteer, meshed });
}

/** The member will not contribute any more: nobody waits for it. */
export function dropTrainee(state: RoundState, round: In<'training'>, peer: string, nowMs: number): Step {
  const ready = new Map(round.ready);
  const readyAtMs = new Map(round.readyAtMs);
  ready.delete(peer);
  readyAtMs.delete(peer);
  return wait(state, { ...round, ready, readyAtMs, out: new Set(round.out).add(peer) }, nowMs);
}

/** Goes on waiting, no longer than those who are ready make it worth while. */
function wait(state: RoundState, round: In<'training'>, nowMs: number): Step {
  const answered = round.manifest.members.every((m) => round.ready.has(m.peer) || round.out.has(m.peer));
  if (answered) return freeze(state, round, nowMs);
  return [{ ...state, open: { ...round, deadlineMs: freezeAtMs(round) } }, []];
}

/** Fixes the list of contributors (RD4): everyone has answered, or waiting is over. */
export function freeze(state: RoundState, round: In<'training'>, nowMs: number): Step {
  const contributors: Contributor[] = round.manifest.members.flatMap(({ peer }) => {
    const ready = round.ready.get(peer);
    return ready ? [{ peer, samples: ready.samples, steps: ready.steps, hashes: ready.hashes }] : [];
  });
  if (contributors.length === 0) return abandon(state, round, 'no-contribution', nowMs);
  if (round.groups.length > 1) return gather(state, round, contributors, nowMs);
  const { manifest, groups, openedAtMs, ready, out } = round;
  const owners = ownersNow(manifest, out, contributors);
  const open: In<'reducing'> = {
    phase: 'reducing',
    manifest,
    groups,
    out,
    openedAtMs,
    ready,
    contributors,
    owners,
    frozenAtMs: nowMs,
    deadlineMs: nowMs + manifest.reduceMs * (RELIEF_AT[0] as number),
    reduced: new Map(),
    lost: new Set(),
    reliefs: 0,
    asked: owners.map((owner) => [owner]),
    here: new Map(),
  };
  const told = { round: manifest.round, to: present(round), contributors };
  return [{ ...state, open }, [...reduceMessages(told, owners), { type: 'statusChanged' }]];
}
