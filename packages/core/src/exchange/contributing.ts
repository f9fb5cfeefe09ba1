/** The first half of a peer's round: own training, contributions of others, reduction of own parts (RD3–RD6). */
import type { VolunteerMessage } from '../protocol/messages.ts';
import { GATHER_SHARE, type Contributor } from '../protocol/round.ts';
import type { ReduceResult, TrainResult } from '../volunteer/ports.ts';
import { isInGroups, keepResult } from './between.ts';
import type { PeerRound, PeerRoundEffect, PeerRoundEvent, PeerStep } from './peerState.ts';

/** Shares of the reduce budget that the missing are waited for; the coordinator relieves an owner at half of it (RD7). */
const OWNER_WAITS = 0.4;
const BACKUP_WAITS = 0.2;

/** What a group has of the reduce budget for itself. */
const insideMs = (round: PeerRound): number =>
  round.manifest.reduceMs * (isInGroups(round) ? GATHER_SHARE : 1);

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

const isBeforeReduce = ({ phase }: PeerRound): boolean =>
  phase === 'training' || phase === 'ready' || phase === 'syncing';

/** REDUCE is the barrier: all contributors are known, so every part goes to its owner (RD6). */
export function takeReduce(
  round: PeerRound,
  event: Extract<PeerRoundEvent, { type: 'reduce' }>,
  nowMs: number,
): PeerStep {
  if (!isBeforeReduce(round)) return [round, []];
  const owners = event.owners.map((owner, part) => {
    const next = round.handedOn.get(part);
    return next === undefined ? owner : next.owner;
  });
  const contributors = [...round.handedOn].reduce(
    (known, [part, { hashes }]) => withHashes(known, part, hashes),
    event.contributors,
  );
  const late = round.phase !== 'ready';
  const next: PeerRound = {
    ...round,
    phase: 'reducing',
    contributors,
    owners,
    deadlineMs: nowMs + insideMs(round) * OWNER_WAITS,
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

/** Sends each encoded part to its owner. */
const contributeOwn = (round: PeerRound): PeerStep =>
  round.owners.reduce<PeerStep>(
    ([next, effects], _, part) => {
      const [after, more] = contribute(next, part);
      return [after, [...effects, ...more]];
    },
    [round, []],
  );

/** Sends one encoded part to whoever reduces it now; what it owns itself goes into its own inbox. */
function contribute(round: PeerRound, part: number): PeerStep {
  const bytes = round.trained?.parts[part];
  const owner = round.owners[part];
  if (!bytes || owner === undefined || !round.contributors.some((c) => c.peer === round.self))
    return [round, []];
  if (owner === round.self)
    return [{ ...round, inbox: new Map(round.inbox).set(slot(part, owner), bytes) }, []];
  if (owner !== null) return [round, [{ type: 'transmit', to: owner, kind: 'contribution', part, bytes }]];
  const message = { type: 'contribution', round: round.manifest.round, part, bytes } as const;
  return [round, [{ type: 'tell', message }]];
}

/** Who is in charge of a part from now on has to know what its pieces are. */
const withHashes = (
  contributors: readonly Contributor[],
  part: number,
  hashes: readonly string[] | undefined,
): readonly Contributor[] =>
  hashes === undefined
    ? contributors
    : contributors.map((contributor, i) => ({
        ...contributor,
        hashes: contributor.hashes.map((hash, k) => (k === part ? (hashes[i] ?? hash) : hash)),
      }));

/** REPLAY (RD7): a part has another owner now; its contributors send their pieces again, which they still have. */
export function takeReplay(
  round: PeerRound,
  event: Extract<PeerRoundEvent, { type: 'replay' }>,
  nowMs: number,
): PeerStep {
  if (!round.manifest.parts[event.part]) return [round, []];
  const { part: index, owner, hashes } = event;
  if (isBeforeReduce(round))
    return [{ ...round, handedOn: new Map(round.handedOn).set(index, { owner, hashes }) }, []];
  if (round.phase !== 'reducing') return [round, []];
  const owners = round.owners.map((before, part) => (part === index ? owner : before));
  const contributors = withHashes(round.contributors, index, hashes);
  const mine = owner === round.self;
  const deadlineMs = mine ? nowMs + insideMs(round) * BACKUP_WAITS : round.deadlineMs;
  const [next, effects] = contribute({ ...round, owners, contributors, deadlineMs }, index);
  const [begun, more] = beginReductions(next, false);
  return [begun, [...effects, ...more]];
}

export function takeContribution(
  round: PeerRound,
  { from, part, bytes }: Pick<Extract<PeerRoundEvent, { type: 'payload' }>, 'from' | 'part' | 'bytes'>,
): PeerStep {
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
  if (isInGroups(round)) return keepResult(round, part, result);
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
