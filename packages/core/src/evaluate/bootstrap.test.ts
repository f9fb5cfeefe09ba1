import { describe, expect, test } from 'vitest';
import { fold, key, uniform } from '../random/key.ts';
import { bootstrapMean, pairedDifferences } from './bootstrap.ts';

/** `count` tosses of a coin that falls on 1 with probability `p`. */
const tosses = (seed: number, count: number, p: number): Uint8Array =>
  Uint8Array.from(uniform(fold(key(seed), 'tosses'), count), (u) => (u < p ? 1 : 0));

describe('bootstrap', () => {
  test.each([0.5, 0.8, 0.9])('intervals hold the truth about 19 times in 20, p = %d', (p) => {
    const trials = 400;
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const options = { resamples: 300 };
      const { low, high } = bootstrapMean(fold(key(7), trial), tosses(trial, 300, p), options);
      if (low <= p && p <= high) held++;
    }
    // Three standard deviations of a share of 400 around 0.95, and what percentiles of few resamples cost.
    expect(held / trials).toBeGreaterThan(0.905);
    expect(held / trials).toBeLessThan(0.985);
  });

  test('is as wide as the normal approximation, and the same for the same key', () => {
    const hits = tosses(1, 2000, 0.8);
    const { value, low, high } = bootstrapMean(key(1), hits);
    expect(value).toBe(hits.reduce((a, b) => a + b, 0) / 2000);
    const expected = 2 * 1.96 * Math.sqrt((value * (1 - value)) / 2000);
    expect((high - low) / expected).toBeGreaterThan(0.9);
    expect((high - low) / expected).toBeLessThan(1.1);
    expect(bootstrapMean(key(1), hits)).toEqual({ value, low, high });
    expect(bootstrapMean(key(2), hits)).not.toEqual({ value, low, high });
  });

  test('a paired difference is narrower than two intervals suggest', () => {
    const one = tosses(1, 2000, 0.8);
    // Right where the first is, save every fortieth row.
    const two = one.map((hit, row) => (row % 40 === 0 ? 0 : hit));
    const { value, low, high } = bootstrapMean(key(3), pairedDifferences(one, two));
    const alone = bootstrapMean(key(3), one);
    expect(value).toBeGreaterThan(0.01);
    expect(low).toBeGreaterThan(0);
    expect(high - low).toBeLessThan(0.5 * (alone.high - alone.low));
  });

  test('all right is certain, and nothing is no sample', () => {
    expect(bootstrapMean(key(1), [1, 1, 1])).toEqual({ value: 1, low: 1, high: 1 });
    expect(() => bootstrapMean(key(1), [])).toThrow('expected at least one value');
  });
});
