import { describe, expect, test } from 'vitest';
import { key, normal, uint32Stream } from '../random/key.ts';
import { drawStratified, scoreFewLabels } from './fewLabels.ts';

const countsOf = (labels: Uint16Array, rows: Uint32Array): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(labels[row] ?? NaN, (counts.get(labels[row] ?? NaN) ?? 0) + 1);
  return counts;
};

describe('few labels', () => {
  // 600 of class 0, 300 of class 1, 90 of class 2, 10 of class 3, mixed up.
  const ordered = [600, 300, 90, 10].flatMap((count, label) => Array<number>(count).fill(label));
  const labels = Uint16Array.from(ordered, (_, i) => ordered[(i * 617) % 1000] ?? NaN);

  test('draws the same share of each class, and one at least', () => {
    const tenth = drawStratified(key(1), labels, 0.1);
    expect(countsOf(labels, tenth)).toEqual(new Map([[0, 60], [1, 30], [2, 9], [3, 1]])); // prettier-ignore
    const hundredth = drawStratified(key(1), labels, 0.01);
    expect(countsOf(labels, hundredth)).toEqual(new Map([[0, 6], [1, 3], [2, 1], [3, 1]])); // prettier-ignore
    expect(new Set(tenth).size).toBe(tenth.length);
  });

  test('draws the same for the same key, and others for another', () => {
    expect(drawStratified(key(1), labels, 0.1)).toEqual(drawStratified(key(1), labels, 0.1));
    expect(drawStratified(key(1), labels, 0.1)).not.toEqual(drawStratified(key(2), labels, 0.1));
  });

  const ROWS = 1200;
  const next = uint32Stream(key(4));
  const classOf = Uint16Array.from({ length: ROWS }, () => next() % 3);
  const values = normal(key(3), ROWS * 6).map((z, at) =>
    at % 6 === classOf[Math.floor(at / 6)] ? z + 2.5 : z,
  );
  const set = { features: { values, rows: ROWS, width: 6 }, labels: classOf, classes: 3 };
  const rows = Uint32Array.from({ length: ROWS }, (_, i) => i);
  const split = { train: rows.slice(0, 800), test: rows.slice(800) };

  test('more labels are worth more, and which ones matters less', () => {
    const few = scoreFewLabels(set, { split, key: key(5), share: 0.01 });
    const more = scoreFewLabels(set, { split, key: key(5), share: 0.1 });
    expect(few).toMatchObject({ share: 0.01, draws: 5 });
    expect([few.labels, more.labels].map((n) => Math.round(n / 8))).toEqual([1, 10]);
    expect(more.value).toBeGreaterThan(few.value);
    expect(more.highestDraw - more.lowestDraw).toBeLessThan(few.highestDraw - few.lowestDraw);
    for (const { value, low, high, lowestDraw, highestDraw } of [few, more]) {
      expect(low).toBeLessThan(value);
      expect(high).toBeGreaterThan(value);
      expect(lowestDraw).toBeLessThanOrEqual(value);
      expect(highestDraw).toBeGreaterThanOrEqual(value);
    }
  });

  test('the labels of test rows teach nothing', () => {
    const wrong = classOf.map((label, row) => (row < 800 ? label : (label + 1) % 3));
    const options = { split, key: key(5), share: 0.1 };
    const [right, shifted] = [
      scoreFewLabels(set, options),
      scoreFewLabels({ ...set, labels: wrong }, options),
    ];
    // The same predictions against other labels: what was right is wrong now.
    expect(shifted.value).toBeLessThanOrEqual(1 - right.value);
  });
});
