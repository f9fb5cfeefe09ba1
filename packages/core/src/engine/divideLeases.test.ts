import { expect, test } from 'vitest';
import { fold, integer, key } from '../random/key.ts';
import type { Lease } from '../protocol/round.ts';
import { divideLeases } from './divideLeases.ts';
import { leaseKey } from './leaseBatches.ts';

const lease = (shard: string, start: number, count: number): Lease => ({ shard, epoch: 0, start, count });
const names = (leases: readonly Lease[]): string[] =>
  leases.flatMap(({ shard, epoch, start, count }) =>
    Array.from({ length: count }, (_, i) => `${shard}:${epoch}:${start + i}`),
  );

test('a lone worker trains on the leases as they are', () => {
  const leases = [lease('a', 3, 30), lease('b', 0, 20)];
  const division = divideLeases(leases, { workers: 1, batchSize: 16, minSteps: 1, maxSteps: 9 });
  expect(division).toEqual({ shares: [leases], batchSize: 16, maxSteps: 3 });
});

test('two workers halve the batch of leases for one, and take turns', () => {
  const leases = [lease('a', 5, 20), lease('b', 0, 12)];
  const rules = { workers: 2, batchSize: 16, minSteps: 1, maxSteps: 2 };
  expect(divideLeases(leases, rules)).toEqual({
    shares: [
      [lease('a', 5, 8), lease('a', 21, 4), lease('b', 0, 4)],
      [lease('a', 13, 8), lease('b', 4, 8)],
    ],
    batchSize: 8,
    maxSteps: 2,
  });
});

test('leases for every worker give each the whole batch; with fewer, and with small batches, some are idle', () => {
  const rules = { workers: 4, batchSize: 16, minSteps: 1, maxSteps: 3 };
  const whole = divideLeases([lease('a', 0, 4 * 3 * 16)], rules);
  expect([whole.shares.length, whole.batchSize, whole.maxSteps]).toEqual([4, 16, 3]);
  const fewer = divideLeases([lease('a', 0, 4 * 3 * 16 - 1)], rules);
  expect([fewer.shares.length, fewer.batchSize, fewer.maxSteps]).toEqual([3, 16, 3]);
  const small = divideLeases([lease('a', 0, 3 * 16)], rules);
  expect([small.shares.length, small.batchSize]).toEqual([2, 8]);
});

test('SH2: no example is in two shares, equal steps have trained on the first examples, and keys differ', () => {
  for (let seed = 0; seed < 300; seed++) {
    const draw = (what: string, bound: number) => 1 + integer(fold(key(seed), what), bound);
    const count = draw('leases', 5);
    const leases = Array.from({ length: count }, (_, i) =>
      lease(`s${i}`, draw(`start${i}`, 50), draw(`${i}`, 90)),
    );
    const rules = {
      workers: draw('workers', 8),
      batchSize: draw('batch', 32),
      minSteps: 1,
      maxSteps: draw('steps', 6),
    };
    const { shares, batchSize, maxSteps } = divideLeases(leases, rules);
    const all = names(leases);
    const given = shares.map(names);
    expect(new Set(given.flat()).size, `seed ${seed}`).toBe(given.flat().length);
    expect(new Set(shares.map((share) => String(leaseKey(1, share)))).size).toBe(shares.length);
    if (shares.length === 1) continue;
    expect(given.every((share) => share.length === maxSteps * batchSize)).toBe(true);
    expect(shares.length * batchSize).toBeGreaterThanOrEqual(Math.min(rules.batchSize, 8));
    for (let steps = 1; steps <= maxSteps; steps++) {
      const seen = given.flatMap((share) => share.slice(0, steps * batchSize));
      expect(new Set(seen), `seed ${seed}, ${steps} steps`).toEqual(new Set(all.slice(0, seen.length)));
    }
  }
});
