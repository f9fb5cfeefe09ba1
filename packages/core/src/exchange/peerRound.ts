import type { VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor, RoundManifest } from '../protocol/round.ts';
import type { PartContribution, ReduceResult, TrainResult } from '../volunteer/ports.ts';

/**
 * A volunteer's side of one round (RD1–RD9) as a pure state machine. Bytes are opaque values in it; hashing,
 * averaging and sending are effects, whose results come back as events.
 */
export interface PeerRound {
  readonly self: string;
  readonly manifest: RoundManifest;
  readonly phase: 'syncing' | 'training' | 'ready' | 'reducing' | 'applying' | 'resyncing' | 'ended';
  /** Whether the base version is loaded, so that an update can be applied to it. */
  readonly based: boolean;
  readonly trained: Trained | undefined;
  readonly contributors: readonly Contributor[];
  readonly owners: readonly string[];
  /** Encoded contributions by part and peer; they may arrive before REDUCE does. */
  readonly inbox: ReadonlyMap<string, Uint8Array>;
  /** Parts whose reduction has begun. */
  readonly begun: ReadonlySet<number>;
  readonly gone: ReadonlySet<string>;
  readonly commit: { readonly version: string; readonly updates: readonly (string | null)[] } | undefined;
  readonly updates: ReadonlyMap<number, Uint8Array>;
  /** When waiting in this phase ends. */
  readonly deadlineMs: number | undefined;
}

type Trained = Extract<TrainResult, { kind: 'trained' }>;

export type PayloadKind = 'contribution' | 'update';

export type PeerRoundEvent =
  | { readonly type: 'trained'; readonly result: TrainResult; readonly meshed: readonly string[] }
  | {
      readonly type: 'reduce';
      readonly contributors: readonly Contributor[];
      readonly owners: readonly string[];
    }
  | {
      readonly type: 'payload';
      readonly from: string;
      readonly kind: PayloadKind;
      readonly part: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'reduced'; readonly part: number; readonly result: ReduceResult }
  | { readonly type: 'update'; readonly part: number; readonly bytes: Uint8Array }
  | { readonly type: 'commit'; readonly version: string; readonly updates: readonly (string | null)[] }
  | { readonly type: 'applied'; readonly version: string }
  | { readonly type: 'resynced'; readonly version: string }
  | { readonly type: 'present'; readonly peers: ReadonlySet<string> }
  | { readonly type: 'abandoned' }
  | { readonly type: 'tick' };

export type PeerRoundEffect =
  | { readonly type: 'train' }
  | { readonly type: 'cancelTraining' }
  | { readonly type: 'tell'; readonly message: VolunteerMessage }
  | {
      readonly type: 'transmit';
      readonly to: string;
      readonly kind: PayloadKind;
      readonly part: number;
      readonly bytes: Uint8Array;
    }
  | {
      readonly type: 'reducePart';
      readonly part: number;
      readonly contributions: readonly PartContribution[];
    }
  | { readonly type: 'apply'; readonly updates: readonly (Uint8Array | null)[] }
  /** Fetch this version as a snapshot. */
  | { readonly type: 'resync'; readonly version: string }
  /** Tell the coordinator that this version is held; the host adds what it sent. */
  | {
      readonly type: 'confirm';
      readonly round: number;
      readonly version: string;
      readonly resynced: boolean;
    };

export type PeerStep = readonly [PeerRound, readonly PeerRoundEffect[]];

const confirm = (round: PeerRound, version: string, resynced: boolean): PeerRoundEffect => ({
  type: 'confirm',
  round: round.manifest.round,
  version,
  resynced,
});

const slot = (part: number, peer: string): string => `${part}:${peer}`;

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
    inbox: new Map(),
    begun: new Set(),
    gone: new Set(),
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
    case 'payload':
      return event.kind === 'contribution'
        ? takeContribution(round, event)
        : takeUpdate(round, event.part, event.bytes);
    case 'reduced':
      return takeReduced(round, event.part, event.result);
    case 'update':
      return takeOwnUpdate(round, event.part, event.bytes);
    case 'commit':
      return takeCommit(round, event, nowMs);
    case 'applied':
      return takeApplied(round, event.version);
    case 'resynced':
      return takeResynced(round, event.version);
    case 'present':
      return takePresent(round, event.peers);
    case 'abandoned':
      return [{ ...round, phase: 'ended', deadlineMs: undefined }, [{ type: 'cancelTraining' }]];
    case 'tick':
      return takeTick(round, nowMs);
  }
}

function takeTrained(round: PeerRound, result: TrainResult, meshed: readonly string[]): PeerStep {
  if (round.phase !== 'training') return [round, []];
  const number = round.manifest.round;
  if (result.kind !== 'trained') {
    const sentence = result.kind === 'failed' ? result.sentence : 'Training was stopped.';
    return [
      { ...round, phase: 'ready' },
      [{ type: 'tell', message: { type: 'failed', round: number, sentence } }],
    ];
  }
  const { samples, steps, loss, norm, trainMs, hashes } = result;
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
  };
  return [{ ...round, phase: 'ready', trained: result }, [{ type: 'tell', message }]];
}

/** REDUCE is the barrier: all contributors are known, so every part goes to its owner (RD6). */
function takeReduce(
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
  const effects: PeerRoundEffect[] = late ? [{ type: 'cancelTraining' }] : [];
  const [taken, mine] = contributeOwn(next);
  const [reduced, more] = beginReductions(taken, false);
  return [reduced, [...effects, ...mine, ...more]];
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

function takeContribution(round: PeerRound, event: Extract<PeerRoundEvent, { type: 'payload' }>): PeerStep {
  const { from, part, bytes } = event;
  const member = round.manifest.members.some((m) => m.peer === from);
  if (!member || !round.manifest.parts[part] || round.inbox.has(slot(part, from)) || round.begun.has(part))
    return [round, []];
  const next = { ...round, inbox: new Map(round.inbox).set(slot(part, from), bytes) };
  return round.phase === 'reducing' ? beginReductions(next, false) : [next, []];
}

/** Reduces each own part once every contributor's piece is here or its sender gone; or now, when `force`. */
function beginReductions(round: PeerRound, force: boolean): PeerStep {
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

function takeReduced(round: PeerRound, part: number, result: ReduceResult): PeerStep {
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

function takeCommit(
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
  const cancel: PeerRoundEffect[] =
    round.phase === 'training' || round.phase === 'syncing' ? [{ type: 'cancelTraining' }] : [];
  // Whoever never reached the base version cannot apply an update to it.
  if (!round.based)
    return [{ ...next, phase: 'resyncing', deadlineMs: undefined }, [...cancel, { type: 'resync', version }]];
  const [applied, effects] = applyIfAll(next);
  return [applied, [...cancel, ...effects]];
}

/** From the coordinator, to the owner only: it keeps the bytes and hands them to the group (RD8). */
function takeOwnUpdate(round: PeerRound, part: number, bytes: Uint8Array): PeerStep {
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

function takeUpdate(round: PeerRound, part: number, bytes: Uint8Array): PeerStep {
  if (!round.manifest.parts[part] || round.updates.has(part)) return [round, []];
  return applyIfAll({ ...round, updates: new Map(round.updates).set(part, bytes) });
}

function applyIfAll(round: PeerRound): PeerStep {
  if (round.phase !== 'applying' || !round.commit) return [round, []];
  const wanted = round.commit.updates;
  if (wanted.some((hash, part) => hash !== null && !round.updates.has(part))) return [round, []];
  const updates = wanted.map((hash, part) => (hash === null ? null : (round.updates.get(part) ?? null)));
  return [{ ...round, deadlineMs: undefined, updates: new Map() }, [{ type: 'apply', updates }]];
}

/** The name decides (VS2): anything else than the committed version is replaced by a snapshot, loudly. */
function takeApplied(round: PeerRound, version: string): PeerStep {
  if (round.phase !== 'applying' || !round.commit) return [round, []];
  if (version !== round.commit.version)
    return [{ ...round, phase: 'resyncing' }, [{ type: 'resync', version: round.commit.version }]];
  return [{ ...round, phase: 'ended' }, [confirm(round, version, false)]];
}

function takeResynced(round: PeerRound, version: string): PeerStep {
  if (version === round.manifest.base && !round.based) {
    const based = { ...round, based: true };
    return round.phase === 'syncing' ? [{ ...based, phase: 'training' }, [{ type: 'train' }]] : [based, []];
  }
  if (round.phase !== 'resyncing' || version !== round.commit?.version) return [round, []];
  return [{ ...round, phase: 'ended' }, [confirm(round, version, true)]];
}

function takePresent(round: PeerRound, peers: ReadonlySet<string>): PeerStep {
  const gone = new Set(round.gone);
  for (const { peer } of round.manifest.members) if (!peers.has(peer)) gone.add(peer);
  const next = { ...round, gone };
  return round.phase === 'reducing' ? beginReductions(next, false) : [next, []];
}

/** Nobody hangs: every wait ends. A reduction goes on without the missing; a missing update is fetched. */
function takeTick(round: PeerRound, nowMs: number): PeerStep {
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
