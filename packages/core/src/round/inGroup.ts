/** Who of a group may reduce a part, and what it may say about it (GR2). */
import type { Contributor } from '../protocol/round.ts';
import { cellOf, groupOf, type Group } from './groups.ts';
import { replayMessages } from './naming.ts';
import { type In, presentIn } from './open.ts';
import type { RoundEffect } from './state.ts';

type Grouped = In<'gathering'> | In<'combining'>;

/** So many members of a group are asked for a part, one after the other. */
const MOST_ASKED = 4;

export const contributorsIn = ({ members }: Group, contributors: readonly Contributor[]): Contributor[] => {
  const peers = new Set(members.map((m) => m.peer));
  return contributors.filter((c) => peers.has(c.peer));
};

/** The next of a group who may reduce a part: its backup, then contributors; undefined when enough were asked. */
export function nextInGroup(round: Grouped, group: number, part: number): string | undefined {
  const { members, parts } = round.groups[group] as Group;
  const asked = round.asked[cellOf(round.groups, group, part)] ?? [];
  if (asked.length >= MOST_ASKED) return undefined;
  const backup = parts[part]?.backup;
  const able = (peer: string) => !round.out.has(peer) && !asked.includes(peer);
  if (backup !== undefined && able(backup)) return backup;
  const contributors = contributorsIn({ members, parts }, round.contributors).map((c) => c.peer);
  // Not all at one: whose turn it is depends on the part.
  return [...contributors.slice(part % Math.max(1, contributors.length)), ...contributors].find(able);
}

/** REPLAY (RD7): from now on another member of the group reduces this part. */
export const replayIn = (
  round: Grouped,
  group: number,
  to: { part: number; owner: string },
): RoundEffect[] => {
  const contributors = contributorsIn(round.groups[group] as Group, round.contributors);
  return replayMessages({ round: round.manifest.round, to: presentIn(round, group), contributors }, to);
};

/** The cell that this member was asked to reduce; undefined where it was not. */
export function askedCell(round: Grouped, peer: string, part: number): number | undefined {
  const group = groupOf(round.groups, peer);
  if (group === undefined || !round.manifest.parts[part]) return undefined;
  const cell = cellOf(round.groups, group, part);
  return round.asked[cell]?.includes(peer) ? cell : undefined;
}

/** Whether these are contributors of this member's group, each once, and at least one. */
export function namesItsGroup(round: Grouped, peer: string, names: readonly string[]): boolean {
  const group = round.groups[groupOf(round.groups, peer) ?? -1];
  const own = new Set(group && contributorsIn(group, round.contributors).map((c) => c.peer));
  return names.length > 0 && new Set(names).size === names.length && names.every((name) => own.has(name));
}
