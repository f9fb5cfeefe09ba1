import type { CoordinatorMessage, VolunteerMessage, MessageOf } from '../protocol/messages.ts';
import type { Contributor } from '../protocol/round.ts';
import { abandon, close, recordOf, settleAll } from './closing.ts';
import type { OpenRound, Ready, RoundEffect, RoundRules, RoundState, Step } from './state.ts';

type In<P extends OpenRound['phase']> = Extract<OpenRound, { phase: P }>;

const refuse = (state: RoundState, effect: Omit<Extract<RoundEffect, { type: 'refuse' }>, 'type'>): Step => [
  state,
  [{ type: 'refuse', ...effect }],
];

const memberOf = (round: OpenRound, peer: string) => round.manifest.members.find((m) => m.peer === peer);

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
    return exclude(...refuse(state, { peer, reason: 'non-finite', detail: 'loss or norm' }), peer, nowMs);
  }
  return freezeIfAll({ ...state, open: { ...round, ready: new Map(round.ready).set(peer, message) } }, nowMs);
}

function exclude(state: RoundState, effects: readonly RoundEffect[], peer: string, nowMs: number): Step {
  const [next, more] = dropMember(state, peer, nowMs);
  return [next, [...effects, ...more]];
}

/** The member will not contribute any more: it left, paused or failed. */
export function dropMember(state: RoundState, peer: string, nowMs: number): Step {
  const round = state.open;
  if (!round || !memberOf(round, peer)) return [state, []];
  const out = new Set(round.out).add(peer);
  switch (round.phase) {
    case 'training': {
      const ready = new Map(round.ready);
      ready.delete(peer);
      return freezeIfAll({ ...state, open: { ...round, ready, out } }, nowMs);
    }
    case 'reducing': {
      const lost = new Set(round.lost);
      round.owners.forEach((owner, i) => owner === peer && !round.reduced.has(i) && lost.add(i));
      return commitIfAll({ ...state, open: { ...round, lost, out } }, round.manifest.round, nowMs);
    }
    case 'committing':
      return [{ ...state, open: { ...round, out } }, []];
    case 'spreading':
      return [{ ...state, open: { ...round, out } }, []];
  }
}

function freezeIfAll(state: RoundState, nowMs: number): Step {
  const round = state.open;
  if (round?.phase !== 'training') return [state, []];
  const answered = round.manifest.members.every((m) => round.ready.has(m.peer) || round.out.has(m.peer));
  return answered ? freeze(state, round, nowMs) : [state, []];
}

/** Owners as in the manifest; those who have left are replaced by contributors in turn. */
function chooseOwners(round: In<'training'>, contributors: readonly Contributor[]): string[] {
  let turn = 0;
  return round.manifest.parts.map(({ owner }) =>
    round.out.has(owner) ? (contributors[turn++ % contributors.length] as Contributor).peer : owner,
  );
}

/** Fixes the list of contributors (RD4): everyone has answered, or the cap has passed. */
export function freeze(state: RoundState, round: In<'training'>, nowMs: number): Step {
  const contributors: Contributor[] = round.manifest.members.flatMap(({ peer }) => {
    const ready = round.ready.get(peer);
    return ready ? [{ peer, samples: ready.samples, steps: ready.steps, hashes: ready.hashes }] : [];
  });
  if (contributors.length === 0) return abandon(state, round, 'no-contribution', nowMs);
  const { manifest, openedAtMs, ready, out } = round;
  const owners = chooseOwners(round, contributors);
  const open: In<'reducing'> = {
    phase: 'reducing',
    manifest,
    out,
    openedAtMs,
    ready,
    contributors,
    owners,
    frozenAtMs: nowMs,
    deadlineMs: nowMs + manifest.reduceMs,
    reduced: new Map(),
    lost: new Set(),
  };
  const message = { type: 'reduce', round: manifest.round, contributors, owners } as const;
  const to = manifest.members.flatMap(({ peer }) => (out.has(peer) ? [] : [peer]));
  return [{ ...state, open }, [{ type: 'send', to, message }, { type: 'statusChanged' }]];
}

/** REDUCED (RD8): one copy of each part, from its owner, naming only contributors. */
export function takeReduced(
  state: RoundState,
  peer: string,
  message: MessageOf<VolunteerMessage, 'reduced'>,
  context: { rules: RoundRules; nowMs: number },
): Step {
  const round = state.open;
  const detail = `part ${message.part} of round ${message.round}`;
  if (round?.phase !== 'reducing' || message.round !== round.manifest.round)
    return refuse(state, { peer, reason: 'wrong-round', detail });
  const part = round.manifest.parts[message.part];
  if (!part || round.owners[message.part] !== peer)
    return refuse(state, { peer, reason: 'not-a-member', detail });
  if (round.reduced.has(message.part) || round.lost.has(message.part))
    return refuse(state, { peer, reason: 'duplicate', detail });
  const known = new Set(round.contributors.map((c) => c.peer));
  const named = new Set(message.contributors);
  if (
    named.size === 0 ||
    named.size !== message.contributors.length ||
    message.contributors.some((c) => !known.has(c))
  ) {
    return refuse(state, { peer, reason: 'wrong-size', detail });
  }
  const decoded = context.rules.decode(message.bytes, part.end - part.start);
  if (decoded.kind === 'refused') {
    const open = { ...round, lost: new Set(round.lost).add(message.part) };
    const [next, effects] = commitIfAll({ ...state, open }, message.round, context.nowMs);
    return [next, [...refuse(state, { peer, reason: decoded.reason, detail })[1], ...effects]];
  }
  const reduced = new Map(round.reduced).set(message.part, {
    bytes: message.bytes,
    contributors: message.contributors,
  });
  return commitIfAll({ ...state, open: { ...round, reduced } }, message.round, context.nowMs);
}

function commitIfAll(state: RoundState, roundNumber: number, nowMs: number): Step {
  const round = state.open;
  if (round?.phase !== 'reducing' || round.manifest.round !== roundNumber) return [state, []];
  const done = round.manifest.parts.every((_, i) => round.reduced.has(i) || round.lost.has(i));
  return done ? commit(state, round, nowMs) : [state, []];
}

/** Hands what was reduced to the outer step; a part that nobody reduced stays as it was. */
export function commit(state: RoundState, round: In<'reducing'>, nowMs: number): Step {
  if (round.reduced.size === 0) return abandon(state, round, 'no-part', nowMs);
  const { reduced, lost: _, ...frozen } = round;
  const named = new Set([...reduced.values()].flatMap((part) => part.contributors));
  // Whose work reached no owner has contributed nothing: its examples are leased again (SH2).
  const contributors = round.contributors.filter((c) => named.has(c.peer));
  const open: In<'committing'> = {
    ...frozen,
    phase: 'committing',
    contributors,
    reduced,
    deadlineMs: Infinity,
  };
  const bytes = [...reduced.values()].reduce((total, part) => total + part.bytes.byteLength, 0);
  const missingParts = round.manifest.parts.length - reduced.size;
  const record = recordOf(open, { missingParts, coordinatorBytes: 2 * bytes, nowMs });
  const leases = settleAll(state.leases, open, contributing(open));
  return [{ ...state, open }, [{ type: 'commit', round: open, record, leases }, { type: 'statusChanged' }]];
}

const contributing = (round: In<'committing'>): Map<string, Ready> =>
  new Map([...round.ready].filter(([peer]) => round.contributors.some((c) => c.peer === peer)));

/** The version is stored: the round is committed; tell everyone and let the owners spread the update. */
export function spread(
  state: RoundState,
  round: In<'committing'>,
  event: { version: string; updates: readonly (string | null)[] },
  nowMs: number,
): Step {
  const { manifest, ready, contributors, owners, frozenAtMs, openedAtMs, out } = round;
  const bytes = [...round.reduced.values()].reduce((total, part) => total + part.bytes.byteLength, 0);
  const record = {
    ...recordOf(round, {
      missingParts: manifest.parts.length - round.reduced.size,
      coordinatorBytes: 2 * bytes,
      nowMs,
    }),
    version: event.version,
  };
  const open: In<'spreading'> = {
    phase: 'spreading',
    manifest,
    out,
    ready,
    contributors,
    owners,
    frozenAtMs,
    openedAtMs,
    record,
    // RD9: whatever fails, the round is over within twice its budget.
    deadlineMs: Math.min(nowMs + manifest.reduceMs, openedAtMs + 2 * (manifest.trainMs + manifest.reduceMs)),
    applied: new Map(),
  };
  const to = manifest.members.map((m) => m.peer);
  // Anybody can hand an update on: its hash names it. An owner that has left is stood in for.
  const present = contributors.map((c) => c.peer).filter((peer) => !out.has(peer));
  const handTo = owners.map((owner, i) => (out.has(owner) ? (present[i % present.length] ?? owner) : owner));
  const message: MessageOf<CoordinatorMessage, 'commit'> = {
    type: 'commit',
    round: manifest.round,
    version: event.version,
    updates: [...event.updates],
  };
  return [
    {
      ...state,
      round: manifest.round,
      committedRounds: state.committedRounds + 1,
      version: event.version,
      samplesDone: state.samplesDone + record.samples,
      leases: settleAll(state.leases, round, contributing(round)),
      open,
    },
    [
      { type: 'send', to, message },
      { type: 'handBack', round: manifest.round, owners: handTo },
      { type: 'statusChanged' },
    ],
  ];
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
  return [{ ...state, open: { ...round, applied: new Map(round.applied).set(peer, message) } }, []];
}

/** Ends the phase that has run out of time, or has nobody left to wait for. */
export function advance(state: RoundState, nowMs: number): Step {
  const round = state.open;
  if (!round) return [state, []];
  const late = nowMs >= round.deadlineMs;
  switch (round.phase) {
    case 'training':
      return late ? freeze(state, round, nowMs) : [state, []];
    case 'reducing':
      return late ? commit(state, round, nowMs) : [state, []];
    case 'committing':
      return [state, []];
    case 'spreading': {
      const everyone = round.manifest.members.every(
        ({ peer }) => round.applied.has(peer) || round.out.has(peer),
      );
      return late || everyone ? close(state, round, nowMs) : [state, []];
    }
  }
}
