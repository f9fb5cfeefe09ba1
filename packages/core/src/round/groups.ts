/** GR1: more volunteers than one group holds are several groups, which cut the vector alike and reduce it each for itself. */
import type { Contributor, Member, Part } from '../protocol/round.ts';
import { alignedEdges, PART_ALIGNMENT } from './plan.ts';

/** Members that reduce together, with the owners of the parts among them. */
export interface Group {
  readonly members: readonly Member[];
  readonly parts: readonly Part[];
}

/** Of a vector that several groups reduce: as many as a full group has members, so that each owns one. */
const SHARED_PARTS = 16;

/** Cuts into as few groups as hold at most `most` each, of sizes that differ by one at most; in the given order. */
export function divideIntoGroups<T>(all: readonly T[], most: number): T[][] {
  const count = Math.max(1, Math.ceil(all.length / most));
  const edge = (group: number) => Math.floor((all.length * group) / count);
  return Array.from({ length: count }, (_, group) => all.slice(edge(group), edge(group + 1)));
}

/** The parts of a vector of `length` that every group has, without owners: equal, and never cutting a block. */
export function sharedRanges(length: number, alignment = PART_ALIGNMENT): { start: number; end: number }[] {
  return alignedEdges(length, SHARED_PARTS, alignment).map(([start, end]) => ({ start, end }));
}

/**
 * Gives the parts of one group to its owners, each as many as come nearest to its share, neighbours together. The next
 * owner in turn is a part's backup (RD7).
 */
export function giveParts(
  ranges: readonly { start: number; end: number }[],
  owners: readonly string[],
  shares: readonly number[],
): Part[] {
  let sum = 0;
  const edges = shares.map((share, i) => {
    sum += share;
    return i === shares.length - 1 ? ranges.length : Math.round(ranges.length * sum);
  });
  return ranges.map((range, part) => {
    const i = edges.findIndex((edge) => part < edge);
    const owner = owners[i] as string;
    const backup = owners[(i + 1) % owners.length] as string;
    return { ...range, owner, ...(backup === owner ? {} : { backup }) };
  });
}

const placesOf = new WeakMap<readonly Group[], ReadonlyMap<string, number>>();

/** The group of a member; undefined for who is none. */
export function groupOf(groups: readonly Group[], peer: string): number | undefined {
  let places = placesOf.get(groups);
  if (!places) {
    places = new Map(groups.flatMap(({ members }, group) => members.map((m) => [m.peer, group] as const)));
    placesOf.set(groups, places);
  }
  return places.get(peer);
}

/** What one group has made of one part has this number among all. */
export const cellOf = (groups: readonly Group[], group: number, part: number): number =>
  group * (groups[0]?.parts.length ?? 0) + part;

/** The parent and the children of place `i` in a binary tree of `count` that is filled level by level. */
export const parentOf = (i: number): number | undefined => (i === 0 ? undefined : (i - 1) >> 1);
export const childrenOf = (i: number, count: number): number[] =>
  [2 * i + 1, 2 * i + 2].filter((child) => child < count);

/** Levels below place `i`. */
export function heightOf(i: number, count: number): number {
  const left = 2 * i + 1;
  return left < count ? 1 + heightOf(left, count) : 0;
}

/** Whom the owners of a group will have to do with in others if nobody vanishes, so that links are open by then. */
export function neighboursOf(groups: readonly Group[], group: number, peer: string): string[] {
  const own = groups[group]?.parts ?? [];
  const near = [parentOf(group), ...childrenOf(group, groups.length)].filter((g) => g !== undefined);
  const peers = own.flatMap(({ owner }, part) =>
    owner === peer ? near.map((g) => groups[g]?.parts[part]?.owner as string) : [],
  );
  return [...new Set(peers)];
}

/** Owners as in the manifest; one who has left is stood in for by the backup, or else by contributors in turn, if there are any. */
export function ownersNow(
  { parts }: Pick<Group, 'parts'>,
  out: ReadonlySet<string>,
  contributors: readonly Contributor[],
): string[] {
  let turn = 0;
  return parts.map(({ owner, backup }) => {
    if (!out.has(owner)) return owner;
    if (backup !== undefined && !out.has(backup)) return backup;
    return contributors[turn++ % contributors.length]?.peer ?? owner;
  });
}

/** Those with whom a member of this round reduces, itself included; undefined for who is no member. */
export function companionsOf(groups: readonly Group[], peer: string): ReadonlySet<string> | undefined {
  const group = groupOf(groups, peer);
  return group === undefined ? undefined : new Set(groups[group]?.members.map((m) => m.peer));
}
