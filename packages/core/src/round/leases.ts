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

/** The best range for this volunteer: the oldest epoch, then its own shard, then one nobody else holds. */
function pick(book: LeaseBook, peer: string): number {
  const others = new Set(Object.entries(book.held).flatMap(([p, shard]) => (p === peer ? [] : [shard])));
  const cost = (range: Range) =>
    range.epoch * 4 + (range.shard === book.held[peer] ? 0 : others.has(range.shard) ? 2 : 1);
  let best = 0;
  book.free.forEach((range, i) => {
    if (cost(range) < cost(book.free[best] as Range)) best = i;
  });
  return best;
}

/**
 * Leases `count` examples to a volunteer, opening the next epoch when this one is given away; fewer where they would
 * take more leases than a manifest can name.
 */
export function lease(book: LeaseBook, peer: string, count: number): { book: LeaseBook; leases: Lease[] } {
  const leases: Lease[] = [];
  let next = book;
  for (let left = count; left > 0 && leases.length < MOST_LEASES;) {
    if (next.free.length === 0) {
      next = { ...next, epoch: next.epoch + 1, free: wholeEpoch(next.shards, next.epoch + 1) };
    }
    const index = pick(next, peer);
    const range = next.free[index] as Range;
    const take = Math.min(left, range.end - range.start);
    const rest = range.start + take < range.end ? [{ ...range, start: range.start + take }] : [];
    leases.push({
      shard: next.shards[range.shard]?.hash ?? '',
      epoch: range.epoch,
      start: range.start,
      count: take,
    });
    next = {
      ...next,
      free: [...next.free.slice(0, index), ...rest, ...next.free.slice(index + 1)],
      held: { ...next.held, [peer]: range.shard },
    };
    left -= take;
  }
  return { book: next, leases };
}

/** Gives back what was leased but not trained on: all of `leases` after the first `used` examples. */
export function settle(book: LeaseBook, leases: readonly Lease[], used: number): LeaseBook {
  const back: Range[] = [];
  let left = used;
  for (const { shard, epoch, start, count } of leases) {
    const seen = Math.min(left, count);
    left -= seen;
    const index = book.shards.findIndex((s) => s.hash === shard);
    if (seen < count && index >= 0)
      back.push({ shard: index, epoch, start: start + seen, end: start + count });
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
