/** Reducing: one copy of each part reaches the coordinator, from whoever is in charge of it (RD6–RD8). */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Reason } from '../protocol/reasons.ts';
import { takeCombined } from './combining.ts';
import { commitReduced } from './committing.ts';
import { type In, refuse } from './open.ts';
import { isOpen, partsOf, reduceHere, RELIEF_AT, relieve } from './relief.ts';
import type { RoundRules, RoundState, Step } from './state.ts';
import { uselessBecause } from './usefulness.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/** REDUCED (RD8): from the part's owner, or from one that was relieved and is done all the same, naming only contributors. */
export function takeReduced(
  state: RoundState,
  peer: string,
  message: MessageOf<VolunteerMessage, 'reduced'>,
  context: Context,
): Step {
  const round = state.open;
  const detail = `part ${message.part} of round ${message.round}`;
  if (round?.phase === 'combining' && message.round === round.manifest.round)
    return takeCombined(state, round, { peer, message }, context);
  if (round?.phase !== 'reducing' || message.round !== round.manifest.round)
    return refuse(state, { peer, reason: 'wrong-round', detail });
  const part = round.manifest.parts[message.part];
  const asked = round.asked[message.part] ?? [];
  if (!part || !asked.includes(peer)) return refuse(state, { peer, reason: 'not-a-member', detail });
  if (!isOpen(round, message.part)) {
    // Of two who were asked for a part, one is second: that is no fault of it.
    return asked.length > 1 ? [state, []] : refuse(state, { peer, reason: 'duplicate', detail });
  }
  if (!namesContributors(round, message.contributors))
    return refuse(state, { peer, reason: 'wrong-size', detail });
  const useless = uselessBecause(round, message, context.rules);
  if (useless !== undefined)
    return passOn(state, round, { peer, part: message.part, reason: useless }, context);
  const { bytes, contributors } = message;
  const owners = round.owners.map((owner, i) => (i === message.part ? peer : owner));
  const reduced = new Map(round.reduced).set(message.part, { bytes, contributors });
  // It is this one's work now, also where the coordinator was about to do it: an audit may ask for it (AG3).
  const here = new Map([...round.here].filter(([part]) => part !== message.part));
  return settle(state, { ...round, owners, reduced, here }, context);
}

/** What this owner handed in is worth nothing: the next in charge is asked. */
function passOn(
  state: RoundState,
  round: In<'reducing'>,
  { peer, part, reason }: { peer: string; part: number; reason: Reason },
  context: Context,
): Step {
  const [next, effects] = relieve(round, partsOf(round, peer).includes(part) ? [part] : []);
  const [settled, more] = settle(state, next, context);
  const detail = `part ${part} of round ${round.manifest.round}`;
  return [settled, [{ type: 'refuse', peer, reason, detail }, ...effects, ...more]];
}

function namesContributors(round: In<'reducing'>, named: readonly string[]): boolean {
  const known = new Set(round.contributors.map((c) => c.peer));
  return named.length > 0 && new Set(named).size === named.length && named.every((peer) => known.has(peer));
}

/** A member has left while parts are reduced: what it was in charge of goes on to the next. */
export function dropReducer(state: RoundState, round: In<'reducing'>, peer: string, context: Context): Step {
  const [next, effects] = relieve({ ...round, out: new Set(round.out).add(peer) }, partsOf(round, peer));
  const [settled, more] = settle(state, next, context);
  return [settled, [...effects, ...more]];
}

/** Whoever is silent is relieved, twice; then the round is committed with what is here. */
export function reliefDue(state: RoundState, round: In<'reducing'>, context: Context): Step {
  const reliefs = round.reliefs + 1;
  if (reliefs >= RELIEF_AT.length)
    return commit(state, reduceHere(round, context.rules, true), context.nowMs);
  const open = round.manifest.parts.flatMap((_, part) => (isOpen(round, part) ? [part] : []));
  const [next, effects] = relieve(round, open);
  const deadlineMs = round.frozenAtMs + round.manifest.reduceMs * (RELIEF_AT[reliefs] as number);
  const [settled, more] = settle(state, { ...next, reliefs, deadlineMs }, context);
  return [settled, [...effects, ...more]];
}

/** Reduces what is complete here, and commits when no part is open any more. */
export function settle(state: RoundState, round: In<'reducing'>, { rules, nowMs }: Context): Step {
  const next = reduceHere(round, rules, false);
  const done = next.manifest.parts.every((_, part) => !isOpen(next, part));
  return done ? commit(state, next, nowMs) : [{ ...state, open: next }, []];
}

function commit(state: RoundState, round: In<'reducing'>, nowMs: number): Step {
  return commitReduced(state, round, { here: new Set(round.here.keys()), joint: undefined }, nowMs);
}
