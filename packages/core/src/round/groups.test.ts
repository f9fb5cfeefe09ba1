import { expect, test } from 'vitest';
import { childrenOf, divideIntoGroups, giveParts, heightOf, parentOf, sharedRanges } from './groups.ts';

test.each([
  [16, [16]],
  [17, [8, 9]],
  [32, [16, 16]],
  [33, [11, 11, 11]],
  [1_000, undefined],
])('GR1: %i volunteers are as few groups as hold sixteen each, all of about one size', (count, sizes) => {
  const all = Array.from({ length: count }, (_, i) => i);
  const groups = divideIntoGroups(all, 16);
  expect(groups.flat()).toEqual(all);
  expect(groups.length).toBe(Math.ceil(count / 16));
  const lengths = groups.map((group) => group.length);
  expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
  if (sizes) expect(lengths).toEqual(sizes);
});

test.each([1, 4096, 5_000, 100_000, 5_000_000])(
  'GR1: parts cover %i values once and cut no block',
  (length) => {
    const ranges = sharedRanges(length);
    expect(ranges[0]?.start).toBe(0);
    expect(ranges.at(-1)?.end).toBe(length);
    ranges.slice(1).forEach(({ start }, i) => {
      expect(start).toBe(ranges[i]?.end);
      expect(start % 4096).toBe(0);
    });
    expect(ranges.length).toBe(Math.min(16, Math.ceil(length / 4096)));
  },
);

test('GR1 RD11: owners have parts by their shares, and somebody else stands behind each', () => {
  const ranges = sharedRanges(16 * 4096);
  const parts = giveParts(ranges, ['anna', 'bert', 'cleo'], [0.5, 0.5, 0]);
  const owned = (peer: string) => parts.filter((part) => part.owner === peer).length;
  expect(['anna', 'bert', 'cleo'].map(owned)).toEqual([8, 8, 0]);
  expect(parts.every(({ owner, backup }) => backup !== undefined && backup !== owner)).toBe(true);
  expect(giveParts(ranges, ['anna'], [1]).some((part) => 'backup' in part)).toBe(false);
});

test('GR3: a tree of any size has one root, and every other place one parent above it', () => {
  for (const count of [1, 2, 3, 7, 8, 63]) {
    const places = Array.from({ length: count }, (_, i) => i);
    expect(places.filter((i) => parentOf(i) === undefined)).toEqual([0]);
    expect(places.flatMap((i) => childrenOf(i, count)).sort((a, b) => a - b)).toEqual(places.slice(1));
    for (const i of places.slice(1))
      expect(heightOf(parentOf(i) as number, count)).toBeGreaterThan(heightOf(i, count));
    expect(heightOf(0, count)).toBe(Math.floor(Math.log2(count)));
  }
});
