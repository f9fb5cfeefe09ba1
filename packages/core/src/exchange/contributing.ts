/** The first half of a peer's round: own training, contributions of others, reduction of own parts (RD3–RD6). */
import type { VolunteerMessage } from '../protocol/messages.ts';
import type { ReduceResult, TrainResult } from '../volunteer/ports.ts';
import type { PeerRound, PeerRoundEffect, PeerRoundEvent, PeerStep } from './peerState.ts';

const slot = (part: number, peer: string): string => `${part}:${peer}`;

export function takeTrained(round: PeerRound, result: TrainResult, meshed: readonly string[]): PeerStep {
  if (round.phase !== 'training') return [round, []];
  const number = round.manifest.round;
  if (result.kind !== 'trained') {
    // Cut to what the message holds: a longer one would be refused, and everybody would wait for this volunteer.
    const sentence = (result.kind === 'failed' ? result.sentence : 'Training was stopped.').slice(0, 300);
    return [
      { ...round, phase: 'ready' },
      [{ type: 'tell', message: { type: 'failed', round: number, sentence } }],
    ];
  }
  const { samples, steps, loss, norm, trainMs, hashes, carried } = result;
  const message: VolunteerMessage = {
    type: 'ready',
    round: number,
    samples,
    steps,
    loss,
    norm,
    trainMs,
    hashes: [...hashes],
    meshed: [...meshed],
    ...(carried && { carried }),
  };
  return [{ ...round, phase: 'ready', trained: result }, [{ type: 'tell', message }]];
}

/** REDUCE is the barrier: all contributors are known, so every part goes to its owner (RD6). */
export function takeReduce(
  round: PeerRound,
  event: Extract<PeerRoundEvent, { type: 'reduce' }>,
  nowMs: number,
): PeerStep {
  if (round.phase !== 'training' && round.phase !== 'ready' && round.phase !== 'syncing') return [round, []];
  const { contributors, owners } = event;
  const late = round.phase !== 'ready';
  const next: PeerRound = {
    ...round,
    phase: 'reducing',
    contributors,
    owners,
    deadlineMs: nowMs + round.manifest.reduceMs / 2,
  };
  const effects: PeerRoundEffect[] = late ? [{ type: 'cancelTraining' }] : settled(next, () => true);
  const [taken, mine] = contributeOwn(next);
  const [reduced, more] = beginReductions(taken, false);
  return [reduced, [...effects, ...mine, ...more]];
}

/**
 * Whoever is named among the contributors gives its work away with REDUCE: should the end of the round never be heard, it
 * is not sent twice. Those who are not named carry theirs into the next round (RD5).
 */
export function settled(round: PeerRound, isTaken: (part: number) => boolean): PeerRoundEffect[] {
  const { trained, contributors, self, manifest } = round;
  if (!trained || !contributors.some((c) => c.peer === self)) return [];
  return [{ type: 'settle', round: manifest.round, taken: manifest.parts.map((_, part) => isTaken(part)) }];
}

/** Sends each encoded part to its owner; what it owns itself goes into its own inbox. */
function contributeOwn(round: PeerRound): PeerStep {
  const parts = round.trained?.parts;
  if (!parts || !round.contributors.some((c) => c.peer === round.self)) return [round, []];
  const inbox = new Map(round.inbox);
  const effects: PeerRoundEffect[] = [];
  round.owners.forEach((owner, part) => {
    const bytes = parts[part];
    if (!bytes) return;
    if (owner === round.self) inbox.set(slot(part, owner), bytes);
    else effects.push({ type: 'transmit', to: owner, kind: 'contribution', part, bytes });
  });
  return [{ ...round, inbox }, effects];
}

export function takeContribution(
  round: PeerRound,
  event: Extract<PeerRoundEvent, { type: 'payload' }>,
): PeerStep {
  const { from, part, bytes } = event;
  if (!round.manifest.parts[part] || round.inbox.has(slot(part, from)) || round.begun.has(part))
    return [round, []];
  const next = { ...round, inbox: new Map(round.inbox).set(slot(part, from), bytes) };
  if (round.phase !== 'reducing') return [next, []];
  // After the deadline the first that arrives is not kept waiting for the others: none might come.
  return beginReductions(next, round.deadlineMs === undefined);
}

/** Reduces each own part once every contributor's piece is here or its sender gone; or now, when `force`. */
export function beginReductions(round: PeerRound, force: boolean): PeerStep {
  const begun = new Set(round.begun);
  const effects: PeerRoundEffect[] = [];
  round.owners.forEach((owner, part) => {
    if (owner !== round.self || begun.has(part)) return;
    const here = round.contributors.filter((c) => round.inbox.has(slot(part, c.peer)));
    const missing = round.contributors.some(
      (c) => !round.inbox.has(slot(part, c.peer)) && !round.gone.has(c.peer),
    );
    if (here.length === 0 || (missing && !force)) return;
    begun.add(part);
    const contributions = here.flatMap((contributor) => {
      const bytes = round.inbox.get(slot(part, contributor.peer));
      return bytes ? [{ contributor, bytes }] : [];
    });
    effects.push({ type: 'reducePart', part, contributions });
  });
  return [{ ...round, begun }, effects];
}

export function takeReduced(round: PeerRound, part: number, result: ReduceResult): PeerStep {
  if (round.phase !== 'reducing' || result.kind === 'failed') return [round, []];
  const message: VolunteerMessage = {
    type: 'reduced',
    round: round.manifest.round,
    part,
    contributors: [...result.contributors],
    bytes: result.bytes,
  };
  return [round, [{ type: 'tell', message }]];
}

export function takePresent(round: PeerRound, peers: ReadonlySet<string>): PeerStep {
  const gone = new Set(round.gone);
  for (const { peer } of round.manifest.members) if (!peers.has(peer)) gone.add(peer);
  const next = { ...round, gone };
  return round.phase === 'reducing' ? beginReductions(next, false) : [next, []];
}
