import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_PART_BYTES } from '../protocol/messages.ts';
import { chooseBatch, chooseSteps, chooseTrainMs, mostSteps, planParts, updatePace } from './plan.ts';

test('RD1: parts cover the vector once, begin at block borders, and differ by one block at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5e6 }), fc.integer({ min: 1, max: 16 }), (length, members) => {
      const parts = planParts(
        length,
        Array.from({ length: members }, (_, i) => `peer${i}`),
      );
      expect(parts[0]?.start).toBe(0);
      expect(parts.at(-1)?.end).toBe(length);
      parts.forEach((part, i) => {
        if (i > 0) expect(part.start).toBe(parts[i - 1]?.end);
        expect(part.start % 4096).toBe(0);
        expect(part.end).toBeGreaterThan(part.start);
      });
      const sizes = parts.slice(0, -1).map((p) => p.end - p.start);
      expect(Math.max(...sizes, 0) - Math.min(...sizes, Infinity)).toBeLessThanOrEqual(4096);
    }),
  );
});

test('RD7 RD11: a share of 0 owns nothing, the backup is another owner, and alone there is none', () => {
  const parts = planParts(40_960, ['anna', 'bert', 'cleo'], [0.75, 0, 0.25]);
  expect(parts.map(({ owner, start, end }) => [owner, start, end])).toEqual([
    ['anna', 0, 16_384],
    ['anna', 16_384, 28_672],
    ['cleo', 28_672, 40_960],
  ]);
  for (const { owner, backup } of parts) {
    expect(['anna', 'bert', 'cleo'].filter((peer) => peer !== owner)).toContain(backup);
  }
  expect(planParts(10, ['anna'])).toEqual([{ start: 0, end: 10, owner: 'anna' }]);
});

test('LK3: however few the owners, a part fits into a message in plain float32', () => {
  const parts = planParts(22_500_000, ['anna', 'bert']);
  expect(parts.map((p) => p.owner)).toEqual(['anna', 'anna', 'bert', 'bert']);
  expect(Math.max(...parts.map((p) => 4 * (p.end - p.start)))).toBeLessThanOrEqual(MAX_PART_BYTES);
  expect(parts.at(-1)?.end).toBe(22_500_000);
});

const shareOf = (exchangeMs: number, stepMs: number, steps: number) =>
  exchangeMs / (exchangeMs + steps * stepMs);

test('RD2: inner steps are as few as keep the exchange under 15 % of the round, or 8 % where it takes a second', () => {
  expect(chooseSteps(undefined)).toBe(2);
  const steps = chooseSteps({ stepMs: 100, exchangeMs: 300 });
  expect(shareOf(300, 100, steps)).toBeLessThanOrEqual(0.15);
  expect(shareOf(300, 100, steps - 1)).toBeGreaterThan(0.15);
  const more = chooseSteps({ stepMs: 100, exchangeMs: 3_000 });
  expect(shareOf(3_000, 100, more)).toBeLessThanOrEqual(0.08);
  expect(shareOf(3_000, 100, more - 1)).toBeGreaterThan(0.08);
  expect(chooseSteps({ stepMs: 5_000, exchangeMs: 100 })).toBe(1);
  expect(chooseSteps({ stepMs: 1, exchangeMs: 1e6 })).toBe(1_000);
});

test('RD2: however slow its links, a run has at least twenty rounds', () => {
  const pace = { stepMs: 20, exchangeMs: 4_000 };
  const much = { examples: 1e6, workers: 8, batchSize: 8 };
  expect(mostSteps({ kind: 'samples', amount: 64_000 }, pace, much)).toBe(50);
  // 24 s a round, of which 4 are exchange
  expect(mostSteps({ kind: 'minutes', amount: 8 }, pace, much)).toBe(1_000);
  expect(mostSteps({ kind: 'minutes', amount: 8 }, { ...pace, stepMs: 200 }, much)).toBe(100);
  expect(chooseSteps(pace, 50)).toBe(50);
  expect(chooseSteps({ stepMs: 20, exchangeMs: 40 }, 50)).toBeLessThan(50);
  // A run that is too short for that takes one step a round.
  expect(chooseSteps(pace, mostSteps({ kind: 'samples', amount: 100 }, pace, much))).toBe(1);
  expect(mostSteps({ kind: 'rounds', amount: 3 }, pace, much)).toBeGreaterThan(100);
});

test('RD2 SH2: no round goes through the data more than three times, or fills the memory of a worker', () => {
  const pace = { stepMs: 20, exchangeMs: 4_000 };
  expect(mostSteps({ kind: 'rounds', amount: 3 }, pace, { examples: 640, workers: 8, batchSize: 8 })).toBe(
    30,
  );
  expect(mostSteps({ kind: 'rounds', amount: 3 }, pace, { examples: 1e6, workers: 2, batchSize: 512 })).toBe(
    16,
  );
});

test('RD2: the budget is half as much again as the steps take; the pace is smoothed', () => {
  expect(chooseTrainMs({ stepMs: 2_000, exchangeMs: 1 }, 4)).toBe(12_000);
  expect(updatePace({ stepMs: 100, exchangeMs: 10 }, { stepMs: 200, exchangeMs: 20 })).toEqual({
    stepMs: 130,
    exchangeMs: 13,
  });
});

test('RD2: the joint batch is shared among all workers, and no share is less than the least', () => {
  const batches = [1, 2, 3, 8, 66].map((workers) => chooseBatch({ joint: 64, least: 8 }, workers));
  expect(batches).toEqual([64, 32, 21, 8, 8]);
});

test('RD11 AG3: who owns much owns several parts, none larger than one equal share of all who contribute', () => {
  const parts = planParts(100 * 4096, ['anna', 'bert'], [0.7, 0.3], 4096, 5);
  const blocks = parts.map(({ start, end }) => (end - start) / 4096);
  expect(Math.max(...blocks)).toBeLessThanOrEqual(20);
  expect(blocks.reduce((a, b) => a + b, 0)).toBe(100);
  expect(parts.filter(({ owner }) => owner === 'anna').length).toBe(4);
});
