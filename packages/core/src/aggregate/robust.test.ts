import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, key, normal } from '../random/key.ts';
import { aggregate, trimOf } from './aggregate.ts';
import { averageContributions, type Weighted } from './average.ts';
import { centredClip } from './centredClip.ts';
import { clipFactors, clipNorms } from './clipNorms.ts';
import { coordinateMedian, trimmedMean } from './coordinateWise.ts';
import { chosenByKrum, krum, krumTolerates } from './krum.ts';
import type { Row } from './row.ts';
import { aggregationRules } from './rules.ts';

const row = (...values: number[]): Row => ({ values: Float32Array.from(values), scale: 1 });
const given = (values: ArrayLike<number>, samples = 8, steps = 2): Weighted => {
  return { values: Float32Array.from(values), samples, steps };
};
const LENGTH = 40;
/** A common direction and noise of its own, as honest volunteers have. */
const honest = (seed: number, i: number): Float32Array =>
  normal(fold(key(seed), i), LENGTH).map((value, j) => 1 + (j % 3) + 0.5 * value);
const manyHonest = (seed: number, count: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) => honest(seed, i));
const seeds = fc.integer({ min: 0, max: 1e6 });
const robust = aggregationRules.filter((rule) => rule !== 'mean');

/** The definition, with a sort of every coordinate. */
const slowTrimmedMean = (rows: readonly Row[], trim: number): number[] =>
  [...(rows[0] as Row).values].map((_, j) => {
    const sorted = rows.map(({ values, scale }) => scale * (values[j] as number)).sort((a, b) => a - b);
    const kept = sorted.slice(trim, sorted.length - trim);
    return Math.fround(kept.reduce((a, b) => a + b, 0) / kept.length);
  });

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.hypot(...Array.from(a, (value, j) => value - (b[j] as number)));
const lengthOf = (a: ArrayLike<number>): number => Math.hypot(...Array.from(a));

describe('AG2: lengths', () => {
  test('are clipped to so many times the lower median, others to the last bit what they were', () => {
    const rows = [row(3, 4), row(0, 10), row(6, 0), row(0, 100)];
    expect(clipFactors(rows, 1)).toEqual([1, 0.6, 1, 0.06]);
    expect(clipFactors(rows, 3)).toEqual([1, 1, 1, 0.18]);
    expect(clipNorms(rows, 1).map(({ values, scale }) => scale * (values[1] as number))).toEqual([
      4, 6, 0, 6,
    ]);
  });

  test('of free riders have no say, and nothing is divided by zero', () => {
    expect(clipFactors([row(0, 0), row(3, 4)], 1)).toEqual([1, 1]);
    expect(clipFactors([row(0, 0), row(0, 0)], 1)).toEqual([1, 1]);
  });
});

describe('AG2: the mean', () => {
  test('is that of RD10 to the last bit where nobody is three times as long as the median', () => {
    const contributions = [2, 3, 5].map((samples, i) => given(honest(1, i), samples, samples));
    expect(aggregate('mean', contributions)).toEqual(averageContributions(contributions));
  });

  test('counts who is longer as three times the median', () => {
    expect([...aggregate('mean', [given([2]), given([2]), given([2]), given([1e6])])]).toEqual([3]);
    // 2, 2 and 100 a step, of 5 / 3 steps on average
    expect([...aggregate('mean', [given([4], 8, 2), given([4], 8, 2), given([100], 8, 1)])][0]).toBeCloseTo(
      ((2 + 2 + 6) / 3) * (5 / 3),
      5,
    );
  });
});

describe('AG2: the trimmed mean', () => {
  test('of a case by hand', () => {
    const rows = [row(1, -9), row(5, 2), row(3, 4), row(100, 3), row(-100, 9)];
    expect([...trimmedMean(rows, 1)]).toEqual([3, 3]);
    expect([...trimmedMean(rows, 2)]).toEqual([3, 3]);
    expect([...coordinateMedian([row(1), row(2), row(4), row(50)])]).toEqual([3]);
  });

  test('trims one in five at each end, rounded up, and always leaves something', () => {
    expect([1, 2, 3, 4, 5, 6, 8, 10, 11, 16].map(trimOf)).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3, 4]);
  });

  test('agrees with a sort of every coordinate', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 16 }), fc.nat(7), (seed, count, wanted) => {
        const rows = manyHonest(seed, count).map((values, i) => ({ values, scale: 1 + i / 8 }));
        const trim = Math.min(wanted, Math.floor((count - 1) / 2));
        expect([...trimmedMean(rows, trim)]).toEqual(slowTrimmedMean(rows, trim));
      }),
      { numRuns: 50 },
    );
  });

  test('that would leave nothing is a bug that says so', () => {
    expect(() => trimmedMean([row(1), row(2)], 1)).toThrow('less than half of 2 rows, received 1');
  });
});

describe('AG2: centred clipping', () => {
  test('of a case by hand', () => {
    // Median 2, distances 2, 0, 2, 98 and 0: the radius is 2. The first move is (−2 + 0 + 2 + 2 + 0) / 5 = 0.4.
    const rows = [row(0), row(2), row(4), row(100), row(2)];
    const moves = (v: number) =>
      [0, 2, 4, 100, 2].reduce((sum, x) => sum + Math.max(-2, Math.min(2, x - v)), 0) / 5;
    let expected = 2;
    for (let i = 0; i < 3; i++) expected += moves(expected);
    expect([...centredClip(rows)][0]).toBeCloseTo(expected, 6);
  });

  test('moves no further from the honest than the radius allows, however far off the bad are', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 6 }), (seed, power) => {
        const good = manyHonest(seed, 6);
        const bad = [1, -1].map((sign) => Float32Array.from({ length: LENGTH }, () => sign * 10 ** power));
        const rows = [...good, ...bad].map((values) => ({ values, scale: 1 }));
        const start = coordinateMedian(rows);
        const radius = Math.max(...good.map((values) => distance(values, start)));
        expect(distance(centredClip(rows), start)).toBeLessThanOrEqual(3 * radius);
      }),
      { numRuns: 50 },
    );
  });

  test('of a majority that agrees is what it agrees on', () => {
    expect([...centredClip([row(1, 2), row(1, 2), row(1, 2), row(9, 9), row(-5, 7)])]).toEqual([1, 2]);
  });
});

describe('AG2: Krum', () => {
  test('of a case by hand', () => {
    // n = 7, f = 2: the three nearest of each count, and three are averaged.
    const rows = [row(0), row(1), row(2), row(3), row(1.5), row(50), row(-50)];
    // scores 0: 1+2.25+4; 1: 0.25+1+1; 2: 0.25+1+1; 3: 1+2.25+4; 1.5: 0.25+0.25+2.25
    expect(chosenByKrum(rows)).toEqual([1, 2, 4]);
    expect([...krum(rows)]).toEqual([1.5]);
  });

  test('withstands as many as n ≥ 2f + 3 allows', () => {
    expect([1, 2, 3, 4, 5, 7, 8, 16].map(krumTolerates)).toEqual([0, 0, 0, 0, 1, 2, 2, 6]);
    expect(
      [1, 2, 3, 4, 5, 8].map((n) => chosenByKrum(manyHonest(1, n).map((v) => row(...v))).length),
    ).toEqual([1, 2, 1, 2, 2, 4]);
  });

  test('picks honest ones only, whatever as many as it withstands send', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 5, max: 16 }), (seed, count) => {
        const bad = krumTolerates(count);
        const rows = manyHonest(seed, count).map((values, i) =>
          i < bad ? row(...normal(fold(key(seed), `bad${i}`), LENGTH).map((v) => 100 * v)) : row(...values),
        );
        expect(Math.min(...chosenByKrum(rows))).toBeGreaterThanOrEqual(bad);
      }),
      { numRuns: 50 },
    );
  });
});

describe('AG2: every rule', () => {
  test.each(aggregationRules)('%s of equal contributions is what all of them say', (rule) => {
    for (const count of [1, 2, 3, 8, 16]) {
      const values = honest(5, 0);
      const contributions = Array.from({ length: count }, (_, i) => given(values, 4 + (i % 2), 2));
      aggregate(rule, contributions).forEach((v, j) => expect(v).toBeCloseTo(values[j] as number, 5));
    }
  });

  test.each(robust)('%s does not ask in which order contributions come', (rule) => {
    const contributions = manyHonest(3, 8).map((values) => given(values));
    const turned = [...contributions.slice(3).reverse(), ...contributions.slice(0, 3)];
    const [one, other] = [aggregate(rule, contributions), aggregate(rule, turned)];
    one.forEach((v, j) => expect(other[j]).toBeCloseTo(v, 5));
    if (rule === 'median') expect(one).toEqual(other);
  });

  test.each(aggregationRules)(
    '%s gives the same bytes again and changes nothing that it was given',
    (rule) => {
      const contributions = manyHonest(4, 8).map((values, i) => given(values, 1 + i, 1 + (i % 3)));
      const before = contributions.map(({ values }) => values.slice());
      expect(aggregate(rule, contributions)).toEqual(aggregate(rule, contributions));
      expect(contributions.map(({ values }) => values)).toEqual(before);
    },
  );

  test.each(aggregationRules)('%s lies between the least and the largest of each coordinate', (rule) => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 9 }), (seed, count) => {
        // Of equal length, so that nothing is clipped.
        const all = manyHonest(seed, count).map((values) => {
          const length = lengthOf(values);
          return values.map((v) => v / length);
        });
        const result = aggregate(
          rule,
          all.map((values) => given(values)),
        );
        result.forEach((v, j) => {
          const column = all.map((values) => values[j] as number);
          expect(v).toBeGreaterThanOrEqual(Math.min(...column) - 1e-6);
          expect(v).toBeLessThanOrEqual(Math.max(...column) + 1e-6);
        });
      }),
      { numRuns: 30 },
    );
  });

  test.each(robust)('%s counts what each did a step', (rule) => {
    // All moved by 1 a step, one of them made eight steps.
    const contributions = [1, 1, 1, 1, 8].map((steps) => given([steps, steps], 8 * steps, steps));
    expect([...aggregate(rule, contributions)]).toEqual([1, 1]);
  });

  test('of contributions that do not belong together is a bug that says so', () => {
    expect(() => aggregate('median', [])).toThrow('received none');
    expect(() => aggregate('krum', [given([1]), given([1, 2])])).toThrow('received 1, 2');
  });
});

describe('AG2: with two of eight arbitrarily bad', () => {
  const attacks: Readonly<Record<string, (j: number, power: number) => number>> = {
    'far off': (j, power) => (-1) ** j * 10 ** power,
    'turned round': (j, power) => -(1 + (j % 3)) * 10 ** (power / 3),
    nothing: () => 0,
  };
  const cases = robust.flatMap((rule) => Object.keys(attacks).map((attack) => [rule, attack] as const));

  test.each(cases)('%s stays with the honest: %s', (rule, attack) => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 30 }), (seed, power) => {
        const good = manyHonest(seed, 6);
        const one = Float32Array.from({ length: LENGTH }, (_, j) => attacks[attack]?.(j, power) ?? 0);
        const result = aggregate(
          rule,
          [one, ...good, one].map((values) => given(values)),
        );
        const mean = averageContributions(good.map((values) => given(values)));
        const spread = Math.max(...good.map((values) => distance(values, mean)));
        expect(distance(result, mean)).toBeLessThan(2 * spread);
      }),
      { numRuns: 30 },
    );
  });

  test('the mean does not', () => {
    const good = manyHonest(1, 6);
    const bad = good.slice(0, 2).map((values) => values.map((v) => -10 * v));
    const result = aggregate(
      'mean',
      [...good, ...bad].map((values) => given(values)),
    );
    const mean = averageContributions(good.map((values) => given(values)));
    expect(lengthOf(result)).toBeLessThan(0.2 * lengthOf(mean));
  });

  test.each(['trimmed-mean', 'median'] as const)('%s lies in the range of the honest', (rule) => {
    fc.assert(
      fc.property(seeds, seeds, fc.integer({ min: -2, max: 8 }), (seed, other, power) => {
        const good = manyHonest(seed, 6).map((values) => values.map((v) => v / lengthOf(values)));
        const bad = [0, 1].map((i) => normal(fold(key(other), i), LENGTH).map((v) => v * 10 ** power));
        const result = aggregate(
          rule,
          [...bad, ...good].map((values) => given(values)),
        );
        const [least, most] = [Math.min, Math.max].map((end) =>
          [...result].map((_, j) => end(...good.map((values) => values[j] as number))),
        );
        result.forEach((v, j) => {
          expect(v).toBeGreaterThanOrEqual((least?.[j] as number) - 1e-6);
          expect(v).toBeLessThanOrEqual((most?.[j] as number) + 1e-6);
        });
      }),
      { numRuns: 50 },
    );
  });
});
