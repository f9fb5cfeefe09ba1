import type { VolunteerMessage } from '../protocol/messages.ts';
import { abandon } from './closing.ts';
import { release } from './leases.ts';
import { tryOpen } from './opening.ts';
import { advance, dropMember, spread, takeApplied, takeReady, takeReduced } from './running.ts';
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
  const [advanced, more] = advance(taken, nowMs);
  const [ended, end] = finishIfMet(advanced, rules);
  const [opened, last] = tryOpen(ended, rules, nowMs);
  return [opened, [...effects, ...more, ...end, ...last]];
}

/** A target of minutes may be met by a round that was abandoned, and any while the run is paused. */
function finishIfMet(state: RoundState, rules: RoundRules): Step {
  if (state.open || state.phase === 'finished' || progressOf(state, rules.target) < 1) return [state, []];
  return [{ ...state, phase: 'finished' }, [{ type: 'finished' }, { type: 'statusChanged' }]];
}

/** When the reducer next wants to be woken, or undefined when only an event can change anything. */
export function nextWakeMs(state: RoundState, rules: RoundRules): number | undefined {
  if (state.open) return state.open.phase === 'committing' ? undefined : state.open.deadlineMs;
  if (state.phase !== 'running') return undefined;
  const someone = [...state.volunteers.values()].some((v) => v.state === 'available');
  if (!someone || !state.begun) return undefined;
  const patient =
    [...state.volunteers.values()].filter((v) => v.state === 'available').length >= rules.quorum;
  return patient ? state.notBeforeMs : Math.max(state.notBeforeMs, state.waitingSinceMs + rules.patienceMs);
}

function take(state: RoundState, event: RoundEvent, context: { rules: RoundRules; nowMs: number }): Step {
  const { rules, nowMs } = context;
  switch (event.type) {
    case 'joined':
      return [
        setVolunteer(state, {
          ...{ peer: event.peer, name: event.name },
          ...{ state: 'syncing', workers: 1, lastRound: 0 },
        }),
        [],
      ];
    case 'left':
      return leave(state, event.peer, nowMs);
    case 'message':
      return takeMessage(state, event.peer, event.message, context);
    case 'committed':
      return state.open?.phase === 'committing' && state.open.manifest.round === event.round
        ? spread(state, state.open, event, nowMs)
        : [state, []];
    case 'commitFailed':
      return state.open?.phase === 'committing'
        ? abandon(state, state.open, 'commit-failed', nowMs)
        : [state, []];
    case 'command':
      return command(state, event.command, rules, nowMs);
    case 'tick':
      return [state, []];
  }
}

const setVolunteer = (state: RoundState, volunteer: Volunteer): RoundState => ({
  ...state,
  volunteers: new Map(state.volunteers).set(volunteer.peer, volunteer),
});

function leave(state: RoundState, peer: string, nowMs: number): Step {
  if (!state.volunteers.has(peer)) return [state, []];
  const volunteers = new Map(state.volunteers);
  volunteers.delete(peer);
  return dropMember({ ...state, volunteers, leases: release(state.leases, peer) }, peer, nowMs);
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

function takeMessage(
  state: RoundState,
  peer: string,
  message: VolunteerMessage,
  context: { rules: RoundRules; nowMs: number },
): Step {
  const volunteer = state.volunteers.get(peer);
  if (!volunteer) return [state, []];
  switch (message.type) {
    case 'available':
      if (message.schemaHash !== context.rules.schemaHash) {
        return [state, [{ type: 'refuse', peer, reason: 'schema-mismatch', detail: message.schemaHash }]];
      }
      return [setVolunteer(state, { ...volunteer, state: 'available', workers: message.workers }), []];
    case 'paused':
      return dropMember(setVolunteer(state, { ...volunteer, state: 'paused' }), peer, context.nowMs);
    case 'leave':
      return leave(state, peer, context.nowMs);
    case 'ready':
      return takeReady(state, peer, message, context.nowMs);
    case 'reduced':
      return takeReduced(state, peer, message, context);
    case 'applied':
      return takeApplied(state, peer, message);
    case 'failed':
      return message.round === state.open?.manifest.round
        ? dropMember(state, peer, context.nowMs)
        : [state, []];
    case 'relay':
      return [{ ...state, relayBytes: state.relayBytes + message.frame.byteLength }, []];
    case 'hello':
    case 'signal':
    case 'progress':
      return [state, []];
  }
}
