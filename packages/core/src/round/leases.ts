import { MOST_LEASES, type Lease } from '../protocol/round.ts';

interface Range {
  readonly shard: number;
  readonly epoch: number;
  readonly start: number;
  readonly end: number;
}

/** Which examples of which epoch nobody has trained on yet (SH2). Plain JSON: it is stored with every version. */
export interface LeaseBook {
  readonly epoch: number;
  readonly shards: readonly { readonly hash: string; readonly count: number }[];
  /** Neither seen nor leased. */
  readonly free: readonly Range[];
  /** The shard a volunteer used last and so has in its cache. */
  readonly held: Readonly<Record<string, number>>;
}

const wholeEpoch = (shards: LeaseBook['shards'], epoch: number): Range[] =>
  shards.map((shard, i) => ({ shard: i, epoch, start: 0, end: shard.count }));

export function createLeaseBook(shards: LeaseBook['shards']): LeaseBook {
  const entries = shards.map(({ hash, count }) => ({ hash, count }));
  return { epoch: 0, shards: entries, free: wholeEpoch(entries, 0), held: {} };
}

export interface Wanted {
  readonly peer: string;
  /** Examples. */
  readonly count: number;
}

/** A book while it is written in: with a crowd a copy for every lease would take longer than the round. */
interface Draft {
  epoch: number;
  readonly shards: LeaseBook['shards'];
  readonly free: Range[];
  readonly held: Map<string, number>;
  /** How many hold each shard. */
  readonly holders: number[];
}

function draftOf({ epoch, shards, free, held }: LeaseBook): Draft {
  const holders = shards.map(() => 0);
  for (const shard of Object.values(held)) holders[shard] = (holders[shard] ?? 0) + 1;
  return { epoch, shards, free: [...free], held: new Map(Object.entries(held)), holders };
}

/** The best range for this volunteer: the oldest epoch, then its own shard, then one nobody else holds. */
function pick({ free, held, holders }: Draft, peer: string): number {
  const own = held.get(peer);
  const cost = ({ epoch, shard }: Range) => epoch * 4 + (shard === own ? 0 : holders[shard] ? 2 : 1);
  let best = 0;
  free.forEach((range, i) => {
    if (cost(range) < cost(free[best] as Range)) best = i;
  });
  return best;
}

function hold({ held, holders }: Draft, peer: string, shard: number): void {
  const before = held.get(peer);
  if (before !== undefined) holders[before] = (holders[before] ?? 0) - 1;
  holders[shard] = (holders[shard] ?? 0) + 1;
  held.set(peer, shard);
}

/** Takes up to `most` examples from the best range, and from the next epoch where nothing of this one is left. */
function take(draft: Draft, peer: string, most: number): Lease {
  if (draft.free.length === 0) draft.free.push(...wholeEpoch(draft.shards, ++draft.epoch));
  const index = pick(draft, peer);
  const range = draft.free[index] as Range;
  const { shard, epoch, start, end } = range;
  const count = Math.min(most, end - start);
  draft.free.splice(index, 1, ...(start + count < end ? [{ ...range, start: start + count }] : []));
  hold(draft, peer, shard);
  return { shard: draft.shards[shard]?.hash ?? '', epoch, start, count };
}

/**
 * Leases each as many examples as it wants, in turn, opening the next epoch when this one is given away; fewer where they would
 * take more leases than a manifest can name. The leases are in the order of `wanted`.
 */
export function leaseEach(
  book: LeaseBook,
  wanted: readonly Wanted[],
): { readonly book: LeaseBook; readonly leases: Lease[][] } {
  const draft = draftOf(book);
  const leases = wanted.map(({ peer, count }) => {
    const given: Lease[] = [];
    for (let left = count; left > 0 && given.length < MOST_LEASES; left -= given.at(-1)?.count ?? left)
      given.push(take(draft, peer, left));
    return given;
  });
  const { epoch, shards, free, held } = draft;
  return { book: { epoch, shards, free, held: Object.fromEntries(held) }, leases };
}

/** Leases `count` examples to one volunteer, as `leaseEach` does. */
export function lease(
  book: LeaseBook,
  peer: string,
  count: number,
): { readonly book: LeaseBook; readonly leases: Lease[] } {
  const given = leaseEach(book, [{ peer, count }]);
  return { book: given.book, leases: given.leases[0] ?? [] };
}

export interface Used {
  readonly leases: readonly Lease[];
  /** So many examples of these, from the first, were trained on. */
  readonly used: number;
}

/** Gives back what was leased but not trained on. */
export function settle(book: LeaseBook, all: readonly Used[]): LeaseBook {
  const indices = new Map(book.shards.map(({ hash }, i) => [hash, i]));
  const back: Range[] = [];
  for (const { leases, used } of all) {
    let left = used;
    for (const { shard, epoch, start, count } of leases) {
      const seen = Math.min(left, count);
      left -= seen;
      const index = indices.get(shard);
      if (seen < count && index !== undefined)
        back.push({ shard: index, epoch, start: start + seen, end: start + count });
    }
  }
  return back.length === 0 ? book : { ...book, free: merge([...book.free, ...back]) };
}

/** Joins ranges that touch, so that leases stay few and long. */
function merge(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((a, b) => a.epoch - b.epoch || a.shard - b.shard || a.start - b.start);
  const merged: Range[] = [];
  for (const range of sorted) {
    const last = merged.at(-1);
    if (last && last.epoch === range.epoch && last.shard === range.shard && last.end === range.start) {
      merged[merged.length - 1] = { ...last, end: range.end };
    } else merged.push(range);
  }
  return merged;
}

/** Forgets which shard a volunteer held: it has left. */
export function release(book: LeaseBook, peer: string): LeaseBook {
  const { [peer]: _, ...held } = book.held;
  return { ...book, held };
}

/** How much of the newest epoch is given away or seen: `share` 0..1 of `examples`. */
export function coverage(book: LeaseBook): { epoch: number; share: number; examples: number } {
  const examples = book.shards.reduce((total, shard) => total + shard.count, 0);
  const unseen = book.free.reduce((total, r) => total + (r.epoch === book.epoch ? r.end - r.start : 0), 0);
  return { epoch: book.epoch, share: examples === 0 ? 0 : (examples - unseen) / examples, examples };
}
