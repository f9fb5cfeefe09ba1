import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import { advanceAudit, beginAudit, takeEvidence, withoutWitness } from './auditing.ts';
import { pardon } from './banning.ts';
import { abandon } from './closing.ts';
import { release } from './leases.ts';
import { takePartial } from './gathering.ts';
import { tryOpen } from './opening.ts';
import { settle, takeReduced } from './reducing.ts';
import { takeContributionHere } from './relief.ts';
import { advance, dropMember } from './running.ts';
import { takeRecomputed } from './spotChecks.ts';
import { spread, takeApplied } from './spreading.ts';
import { takeReady } from './training.ts';
import {
  progressOf,
  type RoundEvent,
  type RoundRules,
  type RoundState,
  type Step,
  type Volunteer,
} from './state.ts';

/**
 * The coordinator's side of a run as a pure reducer: `(state, event, now) → [state, effects]`.
 * After every event it also ends what is over and opens what may open, so that nothing waits for a timer that
 * need not; `nextWakeMs` says when it wants a `tick`.
 */
export function reduceRound(
  state: RoundState,
  event: RoundEvent,
  { rules, nowMs }: { rules: RoundRules; nowMs: number },
): Step {
  const [taken, effects] = take(state, event, { rules, nowMs });
  const [advanced, more] = both(advance, advanceAudit)(taken, { rules, nowMs });
  const [ended, end] = finishIfMet(advanced, rules);
  const [opened, last] = tryOpen(ended, rules, nowMs);
  return [opened, [...effects, ...more, ...end, ...last]];
}

type Move = (state: RoundState, context: Context) => Step;

const both =
  (first: Move, second: Move): Move =>
  (state, context) => {
    const [next, effects] = first(state, context);
    const [last, more] = second(next, context);
    return [last, [...effects, ...more]];
  };

/** A target of minutes may be met by a round that was abandoned, and any while the run is paused. */
function finishIfMet(state: RoundState, rules: RoundRules): Step {
  if (state.open || state.phase === 'finished' || progressOf(state, rules.target) < 1) return [state, []];
  return [{ ...state, phase: 'finished' }, [{ type: 'finished' }, { type: 'statusChanged' }]];
}

/** When the reducer next wants to be woken, or undefined when only an event can change anything. */
export function nextWakeMs(state: RoundState, rules: RoundRules): number | undefined {
  const wakes = [roundWakeMs(state, rules), state.audit?.deadlineMs].filter((ms) => ms !== undefined);
  return wakes.length > 0 ? Math.min(...wakes) : undefined;
}

function roundWakeMs(state: RoundState, rules: RoundRules): number | undefined {
  if (state.open) return state.open.phase === 'committing' ? undefined : state.open.deadlineMs;
  if (state.phase !== 'running') return undefined;
  const someone = [...state.volunteers.values()].some((v) => v.state === 'available');
  if (!someone || !state.begun) return undefined;
  const patient =
    [...state.volunteers.values()].filter((v) => v.state === 'available').length >= rules.quorum;
  return patient ? state.notBeforeMs : Math.max(state.notBeforeMs, state.waitingSinceMs + rules.patienceMs);
}

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

function take(state: RoundState, event: RoundEvent, context: Context): Step {
  const { rules, nowMs } = context;
  switch (event.type) {
    case 'joined': {
      const ban = state.banned.get(event.peer);
      if (ban) return [state, [{ type: 'banned', ban }]];
      return [
        setVolunteer(state, {
          ...{ peer: event.peer, name: event.name },
          ...{ state: 'syncing', workers: 1, lastRound: 0, uplink: undefined, meshed: true },
          joinedRound: state.open?.manifest.round ?? state.round,
        }),
        [],
      ];
    }
    case 'left':
      return leave(state, event.peer, context);
    case 'message':
      return takeMessage(state, event.peer, event.message, context);
    case 'committed':
      return takeCommitted(state, event, context);
    case 'commitFailed':
      return state.open?.phase === 'committing'
        ? abandon(state, state.open, 'commit-failed', nowMs)
        : [state, []];
    case 'command':
      return command(state, event.command, rules, nowMs);
    case 'recomputed':
      return takeRecomputed(state, event, context);
    case 'pardon':
      return pardon(state, event.peer);
    case 'tick':
      return [state, []];
  }
}

/** The version is stored: it is spread, and one of its parts is checked. */
function takeCommitted(
  state: RoundState,
  event: Extract<RoundEvent, { type: 'committed' }>,
  context: Context,
): Step {
  const round = state.open;
  if (round?.phase !== 'committing' || round.manifest.round !== event.round) return [state, []];
  return both(
    (next, { nowMs }) => spread(next, round, event, nowMs),
    (next) => beginAudit(next, round, context),
  )(state, context);
}

const setVolunteer = (state: RoundState, volunteer: Volunteer): RoundState => ({
  ...state,
  volunteers: new Map(state.volunteers).set(volunteer.peer, volunteer),
});

function leave(state: RoundState, peer: string, context: Context): Step {
  if (!state.volunteers.has(peer)) return [state, []];
  const volunteers = new Map(state.volunteers);
  volunteers.delete(peer);
  const without = withoutWitness({ ...state, volunteers, leases: release(state.leases, peer) }, peer);
  return dropMember(without, peer, context);
}

function command(state: RoundState, wanted: 'start' | 'pause', rules: RoundRules, nowMs: number): Step {
  if (wanted === 'start') {
    const finished = progressOf(state, rules.target) >= 1;
    return [
      { ...state, phase: finished ? 'finished' : 'running', waitingSinceMs: nowMs },
      [{ type: 'statusChanged' }],
    ];
  }
  // The open round is brought home first, so that no work is lost; none opens after it.
  return [
    { ...state, phase: state.phase === 'running' ? 'paused' : state.phase },
    [{ type: 'statusChanged' }],
  ];
}

function takeMessage(state: RoundState, peer: string, message: VolunteerMessage, context: Context): Step {
  const volunteer = state.volunteers.get(peer);
  if (!volunteer) return [state, []];
  switch (message.type) {
    case 'available':
      if (message.schemaHash !== context.rules.schemaHash) {
        return [state, [{ type: 'refuse', peer, reason: 'schema-mismatch', detail: message.schemaHash }]];
      }
      return [setVolunteer(state, { ...volunteer, state: 'available', workers: message.workers }), []];
    case 'paused':
      return dropMember(setVolunteer(state, { ...volunteer, state: 'paused' }), peer, context);
    case 'leave':
      return leave(state, peer, context);
    case 'ready':
      return takeReady(state, peer, message, context.nowMs);
    case 'partial':
      return takePartial(state, peer, message, context);
    case 'reduced':
      return takeReduced(state, peer, message, context);
    case 'applied':
      return takeApplied(state, peer, message);
    case 'failed':
      return message.round === state.open?.manifest.round ? dropMember(state, peer, context) : [state, []];
    case 'contribution':
      return takeContribution(state, peer, message, context);
    case 'relay':
      return [{ ...state, relayBytes: state.relayBytes + message.frame.byteLength }, []];
    case 'hello':
    case 'signal':
    case 'progress':
      return [state, []];
  }
}

/** An encoded part for the coordinator itself: it reduces what nobody else can (RD7), and checks what others have (AG3). */
function takeContribution(
  state: RoundState,
  peer: string,
  message: MessageOf<VolunteerMessage, 'contribution'>,
  context: Context,
): Step {
  const { audit, open: round } = state;
  if (audit?.manifest.round === message.round) return takeEvidence(state, audit, { peer, message }, context);
  if (round?.phase !== 'reducing' || round.manifest.round !== message.round) return [state, []];
  const [taken, effects] = takeContributionHere(state, round, { peer, ...message });
  if (taken.open?.phase !== 'reducing') return [taken, effects];
  const [settled, more] = settle(taken, taken.open, context);
  return [settled, [...effects, ...more]];
}
