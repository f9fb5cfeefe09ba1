/** Reducing: one copy of each part reaches the coordinator, from whoever is in charge of it (RD6–RD8). */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import { norm } from '../aggregate/norm.ts';
import type { Reason } from '../protocol/reasons.ts';
import { abandon, recordOf, settleAll } from './closing.ts';
import { median } from '../aggregate/median.ts';
import { type In, refuse } from './open.ts';
import { isOpen, partsOf, reduceHere, RELIEF_AT, relieve } from './relief.ts';
import type { Ready, RoundRules, RoundState, Step } from './state.ts';

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
  const decoded = context.rules.decode(round.manifest, message.bytes, part.end - part.start);
  const useless =
    decoded.kind === 'refused'
      ? decoded.reason
      : isPlausible(round, decoded.values)
        ? undefined
        : 'implausible';
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

/** No average of a part is so many times longer than the whole of what contributors in the middle have announced. */
const MOST_TO_MEDIAN_NORM = 10;

/** Keeps lies small until an audit finds them: a part that is much too long would leave no digits to heal (AG3). */
function isPlausible(round: In<'reducing'>, values: Float32Array): boolean {
  const norms = round.contributors.flatMap(({ peer }) => round.ready.get(peer)?.norm ?? []);
  return norm(values) <= MOST_TO_MEDIAN_NORM * median(norms);
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

/** Hands what was reduced to the outer step; a part that nobody reduced stays as it was. */
function commit(state: RoundState, round: In<'reducing'>, nowMs: number): Step {
  if (round.reduced.size === 0) return abandon(state, round, 'no-part', nowMs);
  const { manifest, out, ready, owners, openedAtMs, frozenAtMs, reduced } = round;
  const named = new Set([...reduced.values()].flatMap((part) => part.contributors));
  // Whose work reached no owner has contributed nothing: its examples are leased again (SH2).
  const contributors = round.contributors.filter((c) => named.has(c.peer));
  const base = { manifest, out, ready, owners, openedAtMs, frozenAtMs, contributors, reduced };
  const here = new Set(round.here.keys());
  const open: In<'committing'> = { ...base, here, phase: 'committing', deadlineMs: Infinity };
  const record = recordOf(open, { ...trafficOf(open, state), nowMs });
  const leases = settleAll(state.leases, open, contributing(open));
  return [{ ...state, open }, [{ type: 'commit', round: open, record, leases }, { type: 'statusChanged' }]];
}

/** What passed through the coordinator: each part once in and once out, and what it was sent to reduce or check itself. */
export function trafficOf({ manifest, reduced }: In<'committing'>, { helpBytes }: RoundState) {
  const bytes = [...reduced.values()].reduce((total, part) => total + part.bytes.byteLength, 0);
  return { missingParts: manifest.parts.length - reduced.size, coordinatorBytes: 2 * bytes + helpBytes };
}

export const contributing = (round: In<'committing'>): Map<string, Ready> =>
  new Map([...round.ready].filter(([peer]) => round.contributors.some((c) => c.peer === peer)));
