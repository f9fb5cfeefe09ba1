/** GR2: in a round of several groups each reduces for itself; one of its members holds what became of a part. */
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import { GATHER_SHARE, type Contributor } from '../protocol/round.ts';
import { combine, takeLatePartial } from './combining.ts';
import { cellOf, ownersNow } from './groups.ts';
import { askedCell, contributorsIn, namesItsGroup, nextInGroup, replayIn } from './inGroup.ts';
import { reduceMessages } from './naming.ts';
import { type In, presentIn, refuse } from './open.ts';
import { RELIEF_AT } from './relief.ts';
import type { RoundEffect, RoundRules, RoundState, Step } from './state.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

const gatherDeadlineMs = ({ manifest, frozenAtMs }: In<'gathering'>, reliefs: number): number =>
  frozenAtMs + manifest.reduceMs * GATHER_SHARE * (RELIEF_AT[reliefs] as number);

/** Fixes the contributors of every group, and lets each reduce. */
export function gather(
  state: RoundState,
  round: In<'training'>,
  contributors: readonly Contributor[],
  nowMs: number,
): Step {
  const { manifest, groups, openedAtMs, ready, out } = round;
  const lost = new Set<number>();
  const owners: string[] = [];
  const effects = groups.flatMap((group, index) => {
    const own = contributorsIn(group, contributors);
    const chosen = ownersNow(group, out, own);
    owners.push(...chosen);
    if (own.length === 0) chosen.forEach((_, part) => lost.add(cellOf(groups, index, part)));
    return reduceMessages({ round: manifest.round, to: presentIn(round, index), contributors: own }, chosen);
  });
  const base = { manifest, groups, out, openedAtMs, ready, contributors, owners };
  const open: In<'gathering'> = {
    ...{ ...base, phase: 'gathering', frozenAtMs: nowMs, deadlineMs: 0 },
    ...{ partials: new Map(), lost, reliefs: 0, asked: owners.map((owner) => [owner]) },
  };
  const timed = { ...open, deadlineMs: gatherDeadlineMs(open, 0) };
  return [{ ...state, open: timed }, [...effects, { type: 'statusChanged' }]];
}

const isOpen = (round: In<'gathering'>, cell: number): boolean =>
  !round.partials.has(cell) && !round.lost.has(cell);

/** PARTIAL: a group has reduced a part; the hash commits its holder to the bytes before anybody has seen them. */
export function takePartial(
  state: RoundState,
  peer: string,
  message: MessageOf<VolunteerMessage, 'partial'>,
  context: Context,
): Step {
  const round = state.open;
  const detail = `part ${message.part} of round ${message.round}`;
  if (round?.phase === 'combining' && message.round === round.manifest.round)
    return takeLatePartial(state, round, { peer, message }, context.nowMs);
  if (round?.phase !== 'gathering' || message.round !== round.manifest.round)
    return refuse(state, { peer, reason: 'wrong-round', detail });
  const cell = askedCell(round, peer, message.part);
  if (cell === undefined) return refuse(state, { peer, reason: 'not-a-member', detail });
  // Of two who were asked for a part, one is second: that is no fault of it.
  if (!isOpen(round, cell)) return [state, []];
  if (!namesItsGroup(round, peer, message.contributors))
    return refuse(state, { peer, reason: 'wrong-size', detail });
  const { contributors, hash } = message;
  const partials = new Map(round.partials).set(cell, { holder: peer, hash, contributors });
  return settleGathering(state, { ...round, partials }, context);
}

/** Hands cells on, each to the next of its group (RD7); the coordinator reduces none of them itself. */
function relieveCells(round: In<'gathering'>, cells: readonly number[]): [In<'gathering'>, RoundEffect[]] {
  const owners = [...round.owners];
  const asked = [...round.asked];
  const lost = new Set(round.lost);
  const effects: RoundEffect[] = [];
  const parts = round.manifest.parts.length;
  for (const cell of cells) {
    if (!isOpen(round, cell)) continue;
    const [group, part] = [Math.floor(cell / parts), cell % parts];
    const owner = nextInGroup(round, group, part);
    if (owner === undefined) {
      lost.add(cell);
      continue;
    }
    owners[cell] = owner;
    asked[cell] = [...(asked[cell] ?? []), owner];
    effects.push(...replayIn(round, group, { part, owner }));
  }
  return [{ ...round, owners, asked, lost }, effects];
}

const cellsWhere = ({ owners }: In<'gathering'>, holds: (cell: number) => boolean): number[] =>
  owners.flatMap((_, cell) => (holds(cell) ? [cell] : []));

/** A member has left: what it was in charge of, and what it held, others of its group reduce again. */
export function dropGatherer(
  state: RoundState,
  round: In<'gathering'>,
  peer: string,
  context: Context,
): Step {
  const held = cellsWhere(round, (cell) => round.partials.get(cell)?.holder === peer);
  const partials = new Map(round.partials);
  for (const cell of held) partials.delete(cell);
  const without = { ...round, partials, out: new Set(round.out).add(peer) };
  const [next, effects] = relieveCells(
    without,
    cellsWhere(without, (cell) => without.owners[cell] === peer || held.includes(cell)),
  );
  const [settled, more] = settleGathering(state, next, context);
  return [settled, [...effects, ...more]];
}

/** Whoever is silent is relieved, twice; then groups combine what there is. */
export function gatheringDue(state: RoundState, round: In<'gathering'>, context: Context): Step {
  const reliefs = round.reliefs + 1;
  if (reliefs >= RELIEF_AT.length) return combine(state, round, context);
  const [next, effects] = relieveCells(
    round,
    cellsWhere(round, (cell) => isOpen(round, cell)),
  );
  const deadlineMs = gatherDeadlineMs(round, reliefs);
  const [settled, more] = settleGathering(state, { ...next, reliefs, deadlineMs }, context);
  return [settled, [...effects, ...more]];
}

function settleGathering(state: RoundState, round: In<'gathering'>, context: Context): Step {
  const done = round.owners.every((_, cell) => !isOpen(round, cell));
  return done ? combine(state, round, context) : [{ ...state, open: round }, []];
}
