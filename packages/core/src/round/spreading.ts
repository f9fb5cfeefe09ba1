/** Spreading: the version is stored, owners hand the update on, members say that they hold it (RD8). */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import { recordOf, settleAll } from './closing.ts';
import { commits, rootHands, spreadersOf } from './handing.ts';
import { type In, memberOf, refuse } from './open.ts';
import { remember, takenIn } from './past.ts';
import { contributing, trafficOf } from './committing.ts';
import type { Hand, RoundState, Step } from './state.ts';

/** The version is stored: the round is committed; tell everyone and let the owners spread the update. */
export function spread(
  state: RoundState,
  round: In<'committing'>,
  event: { version: string; updates: readonly (string | null)[] },
  nowMs: number,
): Step {
  const { manifest, groups, ready, contributors, owners, frozenAtMs, openedAtMs, out } = round;
  const spreaders = spreadersOf(round);
  const record = { ...recordOf(round, { ...trafficOf(round, state), nowMs }), version: event.version };
  const open: In<'spreading'> = {
    phase: 'spreading',
    manifest,
    groups,
    out,
    ready,
    contributors,
    owners,
    frozenAtMs,
    openedAtMs,
    record,
    countedBytes: state.helpBytes,
    // RD9: whatever fails, the round is over within twice its budget.
    deadlineMs: Math.min(nowMs + manifest.reduceMs, openedAtMs + 2 * (manifest.trainMs + manifest.reduceMs)),
    applied: new Map(),
    spreaders,
    partBytes: manifest.parts.map((_, part) => round.reduced.get(part)?.bytes.byteLength ?? 0),
  };
  const hands = round.joint ? rootHands(spreaders) : handsFor(round);
  return [
    {
      ...state,
      round: manifest.round,
      committedRounds: state.committedRounds + 1,
      version: event.version,
      samplesDone: state.samplesDone + record.samples,
      leases: settleAll(state.leases, round, contributing(round)),
      past: remember(state, round, takenIn(round)),
      open,
    },
    [
      ...commits(round, spreaders, event),
      { type: 'handBack', round: manifest.round, hands },
      { type: 'statusChanged' },
    ],
  ];
}

/**
 * Who hands each update on: its owner, or where that has left or never handed in its part one of those who did. Anybody can:
 * the hash names the bytes.
 */
function handsFor({ owners, out, here, contributors }: In<'committing'>): Hand[] {
  const worked = (part: number, owner: string) => !out.has(owner) && !here.has(part);
  const able = owners.filter((owner, part) => worked(part, owner));
  const present = contributors.map((c) => c.peer).filter((peer) => !out.has(peer));
  const hands = able.length > 0 ? able : present;
  return owners.map((owner, part) => {
    const peer = worked(part, owner) ? owner : (hands[part % hands.length] ?? owner);
    return { part, peer, to: [] };
  });
}

/** APPLIED: this member holds the new version. */
export function takeApplied(
  state: RoundState,
  peer: string,
  message: MessageOf<VolunteerMessage, 'applied'>,
): Step {
  const round = state.open;
  if (round?.phase !== 'spreading' || message.round !== round.manifest.round || !memberOf(round, peer))
    return [state, []];
  if (message.version !== state.version)
    return refuse(state, { peer, reason: 'wrong-hash', detail: `version ${message.version}` });
  const applied = new Map(round.applied).set(peer, message);
  return [{ ...state, volunteers: withUplink(state, peer, message.uplink), open: { ...round, applied } }, []];
}

const SMOOTHING = 0.3;

/** What a volunteer says of its uplink, smoothed: the next parts are cut by it (RD11). */
function withUplink(
  { volunteers }: RoundState,
  peer: string,
  uplink: number | undefined,
): RoundState['volunteers'] {
  const volunteer = volunteers.get(peer);
  if (!volunteer || uplink === undefined) return volunteers;
  const before = volunteer.uplink ?? uplink;
  return new Map(volunteers).set(peer, { ...volunteer, uplink: before + SMOOTHING * (uplink - before) });
}
