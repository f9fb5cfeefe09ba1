import { close } from './closing.ts';
import { combiningDue, dropCombiner } from './combining.ts';
import { dropGatherer, gatheringDue } from './gathering.ts';
import { dropSpreader } from './handing.ts';
import { memberOf } from './open.ts';
import { dropReducer, reliefDue } from './reducing.ts';
import type { RoundRules, RoundState, Step } from './state.ts';
import { dropTrainee, freeze } from './training.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/** The member will not contribute any more: it left, paused or failed. */
export function dropMember(state: RoundState, peer: string, context: Context): Step {
  const round = state.open;
  if (!round || !memberOf(round, peer)) return [state, []];
  switch (round.phase) {
    case 'training':
      return dropTrainee(state, round, peer, context.nowMs);
    case 'reducing':
      return dropReducer(state, round, peer, context);
    case 'gathering':
      return dropGatherer(state, round, peer, context);
    case 'combining':
      return dropCombiner(state, round, peer, context);
    case 'committing':
      return [{ ...state, open: { ...round, out: new Set(round.out).add(peer) } }, []];
    case 'spreading':
      return dropSpreader(state, round, peer);
  }
}

/** Ends the phase that has run out of time, or has nobody left to wait for. */
export function advance(state: RoundState, context: Context): Step {
  const round = state.open;
  if (!round) return [state, []];
  const late = context.nowMs >= round.deadlineMs;
  switch (round.phase) {
    case 'training':
      return late ? freeze(state, round, context.nowMs) : [state, []];
    case 'reducing':
      return late ? reliefDue(state, round, context) : [state, []];
    case 'gathering':
      return late ? gatheringDue(state, round, context) : [state, []];
    case 'combining':
      return late ? combiningDue(state, round, context.nowMs) : [state, []];
    case 'committing':
      return [state, []];
    case 'spreading': {
      const everyone = round.manifest.members.every(
        ({ peer }) => round.applied.has(peer) || round.out.has(peer),
      );
      return late || everyone ? close(state, round, context.nowMs) : [state, []];
    }
  }
}
