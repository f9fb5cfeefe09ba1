/**
 * GR3: what the groups have made of a part becomes one along a binary tree of those who hold it, so that nobody sends more
 * than two results and the coordinator is sent one copy of each part however many groups there are.
 */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { CombinePlan } from '../protocol/round.ts';
import { commitReduced } from './committing.ts';
import { cellOf, childrenOf, groupOf, heightOf, parentOf } from './groups.ts';
import { askedCell, namesItsGroup, nextInGroup, replayIn } from './inGroup.ts';
import { type In, refuse } from './open.ts';
import type { PartialResult, RoundEffect, RoundRules, RoundState, Step, Tree } from './state.ts';
import { uselessBecause } from './usefulness.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/** Of what is left of the reduce budget, after which parts that are not here are planned once more. */
const SECOND_PLAN_AT = 0.5;
const MOST_ATTEMPTS = 16;

const endMs = ({ manifest, frozenAtMs }: In<'combining'>): number => frozenAtMs + manifest.reduceMs;
/** Whether a part is not here and somebody is about to hand it in, or to reduce it for a group again. */
function isOpen({ reduced, trees, pending, manifest }: In<'combining'>, part: number): boolean {
  const parts = manifest.parts.length;
  const planned = (trees.get(part)?.places.length ?? 0) > 0;
  return !reduced.has(part) && (planned || [...pending].some((cell) => cell % parts === part));
}

/** Groups count as their members do: the mean by samples (RD10), all other rules by heads (AG2). */
function weightOf(round: In<'combining'>, { contributors }: PartialResult): number {
  if (round.manifest.rule !== 'mean') return contributors.length;
  return contributors.reduce((sum, peer) => sum + (round.ready.get(peer)?.samples ?? 0), 0);
}

/** Who holds a result of this part and is here, in the order of groups, begun with another one at each attempt. */
function placesFor(round: In<'combining'>, part: number, attempt: number): Tree['places'] {
  const held = round.groups.flatMap((_, group) => {
    const partial = round.partials.get(cellOf(round.groups, group, part));
    if (!partial || round.out.has(partial.holder)) return [];
    return [{ group, peer: partial.holder, weight: weightOf(round, partial) }];
  });
  const first = attempt % Math.max(1, held.length);
  return [...held.slice(first), ...held.slice(0, first)];
}

/** All groups below a place and its own. */
function subtree(places: Tree['places'], place: number): CombinePlan['children'][number]['groups'] {
  const { group, weight } = places[place] as Tree['places'][number];
  const below = childrenOf(place, places.length).flatMap((child) => subtree(places, child));
  return [{ group, weight }, ...below];
}

function plansOf(part: number, { attempt, places }: Tree, spanMs: number): [string, CombinePlan][] {
  const levels = heightOf(0, places.length) + 1;
  return places.map(({ group, peer, weight }, place) => {
    const up = parentOf(place);
    const plan: CombinePlan = {
      part,
      attempt,
      own: { group, weight },
      parent: up === undefined ? null : (places[up]?.peer ?? null),
      children: childrenOf(place, places.length).map((child) => ({
        peer: places[child]?.peer ?? '',
        groups: subtree(places, child),
      })),
      // Each level waits a little longer than the one below it.
      waitMs: (spanMs * heightOf(place, places.length)) / levels,
    };
    return [peer, plan];
  });
}

/** Makes plans for these parts, one attempt later than the last, and tells everybody who is in them. */
function plan(
  round: In<'combining'>,
  parts: readonly number[],
  nowMs: number,
): [In<'combining'>, RoundEffect[]] {
  // A message may be taken a moment after the deadline and before its tick.
  const spanMs = Math.max(0, round.deadlineMs - nowMs);
  const trees = new Map(round.trees);
  const byPeer = new Map<string, CombinePlan[]>();
  for (const part of parts) {
    const attempt = (round.trees.get(part)?.attempt ?? -1) + 1;
    const places = attempt < MOST_ATTEMPTS ? placesFor(round, part, attempt) : [];
    trees.set(part, { attempt, places });
    if (places.length === 0) continue;
    for (const [peer, own] of plansOf(part, { attempt, places }, spanMs))
      byPeer.set(peer, [...(byPeer.get(peer) ?? []), own]);
  }
  const effects = [...byPeer].map(([peer, plans]): RoundEffect => {
    return { type: 'send', to: [peer], message: { type: 'combine', round: round.manifest.round, plans } };
  });
  return [{ ...round, trees }, effects];
}

/** All groups are done, or their time is up: what they have made is combined. */
export function combine(state: RoundState, round: In<'gathering'>, { nowMs }: Context): Step {
  const { manifest, groups, out, openedAtMs, ready, contributors, frozenAtMs, partials, asked } = round;
  const base = { manifest, groups, out, openedAtMs, ready, contributors, frozenAtMs, partials, asked };
  const open: In<'combining'> = {
    ...{ ...base, phase: 'combining', owners: manifest.parts.map((p) => p.owner) },
    ...{ trees: new Map(), pending: new Set(), reduced: new Map(), included: new Map(), deadlineMs: 0 },
  };
  const deadlineMs = nowMs + (endMs(open) - nowMs) * SECOND_PLAN_AT;
  const [next, effects] = plan(
    { ...open, deadlineMs },
    manifest.parts.map((_, part) => part),
    nowMs,
  );
  const [settled, more] = settleCombining(state, next, nowMs);
  return [settled, [...effects, ...more, { type: 'statusChanged' }]];
}

/** REDUCED by the root of a part's tree: the groups that it names are in it, and nothing else. */
export function takeCombined(
  state: RoundState,
  round: In<'combining'>,
  { peer, message }: { peer: string; message: MessageOf<VolunteerMessage, 'reduced'> },
  context: Context,
): Step {
  const { part, bytes, groups = [], attempt } = message;
  const detail = `part ${part} of round ${message.round}`;
  const { places, attempt: newest } = round.trees.get(part) ?? { places: [] };
  // What came of an earlier plan may hold what no group stands for any more; the part is taken once.
  const isDue = !round.reduced.has(part) && attempt === newest && places[0]?.peer === peer;
  if (!isDue) return [state, []];
  const planned = new Set(places.map((place) => place.group));
  const named = new Set(groups);
  if (named.size === 0 || named.size !== groups.length || !groups.every((group) => planned.has(group)))
    return refuse(state, { peer, reason: 'wrong-size', detail });
  const useless = uselessBecause(round, { part, bytes }, context.rules);
  if (useless !== undefined) return planAround(state, round, { peer, part, useless }, context.nowMs);
  const contributors = groups.flatMap(
    (group) => round.partials.get(cellOf(round.groups, group, part))?.contributors ?? [],
  );
  const next: In<'combining'> = {
    ...round,
    owners: round.owners.map((owner, i) => (i === part ? peer : owner)),
    reduced: new Map(round.reduced).set(part, { bytes, contributors }),
    included: new Map(round.included).set(part, groups),
  };
  return settleCombining(state, next, context.nowMs);
}

/** What a root handed in is worth nothing: another place begins the next plan, and its group reduces again without it. */
function planAround(
  state: RoundState,
  round: In<'combining'>,
  {
    peer,
    part,
    useless,
  }: { peer: string; part: number; useless: Extract<RoundEffect, { type: 'refuse' }>['reason'] },
  nowMs: number,
): Step {
  const [replaced, replays] = reduceAgain(round, peer, [part]);
  const [next, effects] = plan(replaced, [part], nowMs);
  const [settled, more] = settleCombining(state, next, nowMs);
  const detail = `part ${part} of round ${round.manifest.round}`;
  return [settled, [{ type: 'refuse', peer, reason: useless, detail }, ...replays, ...effects, ...more]];
}

/** A member has left: parts that it was to help with are planned without it, and what it held its group reduces again. */
export function dropCombiner(
  state: RoundState,
  round: In<'combining'>,
  peer: string,
  { nowMs }: Context,
): Step {
  const without = { ...round, out: new Set(round.out).add(peer) };
  const touched = round.manifest.parts.flatMap((_, part) =>
    isOpen(round, part) && round.trees.get(part)?.places.some((place) => place.peer === peer) ? [part] : [],
  );
  const [replaced, replays] = reduceAgain(
    without,
    peer,
    without.manifest.parts.map((_, part) => part),
  );
  const [next, effects] = plan(replaced, touched, nowMs);
  const [settled, more] = settleCombining(state, next, nowMs);
  return [settled, [...replays, ...effects, ...more]];
}

/** REPLAY to a member's group, of those of these parts that are open and that it held or was to reduce (RD7). */
function reduceAgain(
  round: In<'combining'>,
  peer: string,
  parts: readonly number[],
): [In<'combining'>, RoundEffect[]] {
  const group = groupOf(round.groups, peer);
  const asked = [...round.asked];
  const partials = new Map(round.partials);
  const pending = new Set(round.pending);
  const effects: RoundEffect[] = [];
  parts.forEach((part) => {
    const cell = cellOf(round.groups, group ?? -1, part);
    const wasIts = partials.get(cell)?.holder === peer || (pending.has(cell) && asked[cell]?.at(-1) === peer);
    if (group === undefined || !wasIts || !isOpen(round, part)) return;
    partials.delete(cell);
    pending.delete(cell);
    const owner = nextInGroup(round, group, part);
    if (owner === undefined) return;
    asked[cell] = [...(asked[cell] ?? []), owner];
    pending.add(cell);
    effects.push(...replayIn(round, group, { part, owner }));
  });
  return [{ ...round, asked, partials, pending }, effects];
}

/** A group has reduced a part again: the next plan counts on it. */
export function takeLatePartial(
  state: RoundState,
  round: In<'combining'>,
  { peer, message }: { peer: string; message: MessageOf<VolunteerMessage, 'partial'> },
  nowMs: number,
): Step {
  const { part, hash, contributors } = message;
  const cell = askedCell(round, peer, part);
  const detail = `part ${part} of round ${message.round}`;
  if (cell === undefined) return refuse(state, { peer, reason: 'not-a-member', detail });
  if (!round.pending.has(cell) || !isOpen(round, part)) return [state, []];
  if (!namesItsGroup(round, peer, contributors)) return refuse(state, { peer, reason: 'wrong-size', detail });
  const pending = new Set(round.pending);
  pending.delete(cell);
  const partials = new Map(round.partials).set(cell, { holder: peer, hash, contributors });
  const [next, effects] = plan({ ...round, pending, partials }, [part], nowMs);
  const [settled, more] = settleCombining(state, next, nowMs);
  return [settled, [...effects, ...more]];
}

/** What is not here at half of the time is begun elsewhere; at its end the round is committed with what there is. */
export function combiningDue(state: RoundState, round: In<'combining'>, nowMs: number): Step {
  if (nowMs >= endMs(round)) return finish(state, round, nowMs);
  const open = round.manifest.parts.flatMap((_, part) => (isOpen(round, part) ? [part] : []));
  const [next, effects] = plan({ ...round, deadlineMs: endMs(round) }, open, nowMs);
  const [settled, more] = settleCombining(state, next, nowMs);
  return [settled, [...effects, ...more]];
}

function settleCombining(state: RoundState, round: In<'combining'>, nowMs: number): Step {
  const done = round.manifest.parts.every((_, part) => !isOpen(round, part));
  return done ? finish(state, round, nowMs) : [{ ...state, open: round }, []];
}

function finish(state: RoundState, round: In<'combining'>, nowMs: number): Step {
  const { partials, included } = round;
  return commitReduced(state, round, { here: new Set(), joint: { partials, included } }, nowMs);
}
