/**
 * GR4: in a round of several groups the coordinator gives one copy of each update to the first of those who spread it; each
 * of them hands it to its own group and to two of the others.
 */
import type { CoordinatorMessage, MessageOf } from '../protocol/messages.ts';
import { cellOf, childrenOf } from './groups.ts';
import { type In, presentIn } from './open.ts';
import type { Hand, RoundEffect, RoundState, Spreader, Step } from './state.ts';

/** By part, one member of every group that has any: whoever held its result, or else who is here. None where there is one group. */
export function spreadersOf(round: In<'committing'>): ReadonlyMap<number, readonly Spreader[]> {
  const { groups, joint, reduced, out } = round;
  if (!joint) return new Map();
  const here = groups.map((_, group) => presentIn(round, group));
  return new Map(
    [...reduced.keys()].map((part) => {
      const spreaders = groups.flatMap((_, group): Spreader[] => {
        const holder = joint.partials.get(cellOf(groups, group, part))?.holder;
        const present = here[group] as string[];
        const peer = holder !== undefined && !out.has(holder) ? holder : present[part % present.length];
        return peer === undefined ? [] : [{ group, peer }];
      });
      const root = round.owners[part];
      // Who has the part already, and is known to answer, is given its update.
      const first = Math.max(
        0,
        spreaders.findIndex(({ peer }) => peer === root),
      );
      return [part, [...spreaders.slice(first), ...spreaders.slice(0, first)]];
    }),
  );
}

const below = (spreaders: readonly Spreader[], place: number): string[] =>
  childrenOf(place, spreaders.length).map((child) => (spreaders[child] as Spreader).peer);

export const rootHands = (all: ReadonlyMap<number, readonly Spreader[]>): Hand[] =>
  [...all].flatMap(([part, spreaders]) =>
    spreaders[0] ? [{ part, peer: spreaders[0].peer, to: below(spreaders, 0) }] : [],
  );

/** COMMIT to everybody; of several groups each member is told what it hands on, and in which parts its group's work is not. */
export function commits(
  { manifest, groups, joint }: In<'committing'>,
  all: ReadonlyMap<number, readonly Spreader[]>,
  { version, updates }: { version: string; updates: readonly (string | null)[] },
): RoundEffect[] {
  const common: MessageOf<CoordinatorMessage, 'commit'> = {
    ...{ type: 'commit', round: manifest.round, version },
    updates: [...updates],
  };
  if (!joint) return [{ type: 'send', to: manifest.members.map((m) => m.peer), message: common }];
  const handOn = new Map<string, { part: number; to: string[] }[]>();
  for (const [part, spreaders] of all)
    spreaders.forEach(({ peer }, place) =>
      handOn.set(peer, [...(handOn.get(peer) ?? []), { part, to: below(spreaders, place) }]),
    );
  return groups.flatMap(({ members }, group) => {
    const without = [...joint.included].flatMap(([part, groupsIn]) =>
      groupsIn.includes(group) ? [] : [part],
    );
    return members.map(({ peer }): RoundEffect => {
      const own = handOn.get(peer);
      const message = { ...common, without, ...(own && { handOn: own }) };
      return { type: 'send', to: [peer], message };
    });
  });
}

/** Somebody who was to hand updates on has left: one of its group who still needs them does, or those after it get theirs at once. */
export function dropSpreader(state: RoundState, round: In<'spreading'>, peer: string): Step {
  const out = new Set(round.out).add(peer);
  const spreaders = new Map(round.spreaders);
  const hands: Hand[] = [];
  for (const [part, places] of round.spreaders) {
    const place = places.findIndex((spreader) => spreader.peer === peer);
    const { group } = places[place] ?? {};
    if (group === undefined) continue;
    const to = below(places, place);
    const needy = presentIn({ ...round, out }, group).find((other) => !round.applied.has(other));
    if (needy === undefined) {
      for (const child of to) hands.push({ part, peer: child, to: childrenTo(places, child) });
      continue;
    }
    spreaders.set(part, places.with(place, { group, peer: needy }));
    hands.push({ part, peer: needy, to });
  }
  const open = { ...round, out, spreaders };
  if (hands.length === 0) return [{ ...state, open }, []];
  const bytes = hands.reduce((sum, { part }) => sum + (round.partBytes[part] ?? 0), 0);
  const effect: RoundEffect = { type: 'handBack', round: round.manifest.round, hands };
  return [{ ...state, open, helpBytes: state.helpBytes + bytes }, [effect]];
}

const childrenTo = (places: readonly Spreader[], peer: string): string[] =>
  below(
    places,
    places.findIndex((place) => place.peer === peer),
  );
