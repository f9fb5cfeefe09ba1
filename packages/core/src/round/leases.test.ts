import fc from 'fast-check';
import { expect, test } from 'vitest';
import { member, MOST_LEASES, type Lease } from '../protocol/round.ts';
import { coverage, createLeaseBook, lease, leaseEach, release, settle } from './leases.ts';

const shards = [
  { hash: 'a', count: 100 },
  { hash: 'b', count: 50 },
];

const total = (leases: readonly Lease[]) => leases.reduce((sum, l) => sum + l.count, 0);

test('SH2: two volunteers get different shards, and keep them', () => {
  const first = lease(createLeaseBook(shards), 'one', 30);
  const second = lease(first.book, 'two', 30);
  const third = lease(second.book, 'one', 30);
  expect([first, second, third].map((s) => s.leases[0]?.shard)).toEqual(['a', 'b', 'a']);
  expect(third.leases).toEqual([{ shard: 'a', epoch: 0, start: 30, count: 30 }]);
});

test('SH2: leasing to all at once is leasing to one after the other', () => {
  const wanted = Array.from({ length: 40 }, (_, i) => ({ peer: `peer${i % 7}`, count: 1 + ((i * 11) % 37) }));
  let book = createLeaseBook(shards);
  const oneByOne = wanted.map(({ peer, count }) => {
    const given = lease(book, peer, count);
    book = given.book;
    return given.leases;
  });
  expect(leaseEach(createLeaseBook(shards), wanted)).toEqual({ book, leases: oneByOne });
});

test('SH2: what was not used is given again, and nothing else', () => {
  const given = lease(createLeaseBook(shards), 'one', 40);
  const back = settle(given.book, [{ leases: given.leases, used: 24 }]);
  expect(coverage(back)).toEqual({ epoch: 0, share: 24 / 150, examples: 150 });
  expect(lease(back, 'two', 16).leases[0]).toMatchObject({ epoch: 0 });
  expect(lease(back, 'one', 16).leases).toEqual([{ shard: 'a', epoch: 0, start: 24, count: 16 }]);
});

test('SH2: an epoch ends when everything is given away, and the next begins in the same breath', () => {
  const { leases, book } = lease(createLeaseBook(shards), 'one', 170);
  expect(total(leases)).toBe(170);
  expect(leases.at(-1)).toEqual({ shard: 'b', epoch: 1, start: 0, count: 20 });
  expect(book.epoch).toBe(1);
});

test('RD1: however small the shards, the leases of a member fit into a manifest', () => {
  const tiny = Array.from({ length: 100 }, (_, i) => ({ hash: i.toString(16).padStart(64, '0'), count: 3 }));
  const { leases, book } = lease(createLeaseBook(tiny), 'anna', 1_000);
  expect([leases.length, total(leases)]).toEqual([MOST_LEASES, 3 * MOST_LEASES]);
  expect(member.safeParse({ peer: 'anna', name: 'anna', leases }).success).toBe(true);
  expect(settle(book, [{ leases, used: 0 }]).free).toEqual(createLeaseBook(tiny).free);
});

test('a volunteer that leaves frees its shard for others', () => {
  const { book } = lease(createLeaseBook(shards), 'one', 10);
  expect(lease(book, 'two', 10).leases[0]?.shard).toBe('b');
  expect(lease(release(book, 'one'), 'two', 10).leases[0]?.shard).toBe('a');
});

test('SH2: whatever happens, no example of an epoch is seen twice and none is lost', () => {
  const step = fc.record({
    peer: fc.constantFrom('one', 'two', 'three'),
    need: fc.integer({ min: 1, max: 60 }),
    used: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      let book = createLeaseBook(shards);
      const seen = new Map<string, number>();
      for (const { peer, need, used } of steps) {
        const given = lease(book, peer, need);
        let left = Math.floor(need * used);
        book = settle(given.book, [{ leases: given.leases, used: left }]);
        for (const { shard, epoch, start, count } of given.leases) {
          for (let i = start; i < start + Math.min(left, count); i++) {
            const example = `${epoch}/${shard}/${i}`;
            seen.set(example, (seen.get(example) ?? 0) + 1);
          }
          left = Math.max(0, left - count);
        }
      }
      expect([...seen.values()].every((n) => n === 1)).toBe(true);
      const unseen = book.free.reduce((sum, r) => sum + r.end - r.start, 0);
      expect(seen.size + unseen).toBe(150 * (book.epoch + 1));
    }),
  );
});
