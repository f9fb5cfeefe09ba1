import { describe, expect, test } from 'vitest';
import { fold, integer, key, normal } from '../random/key.ts';
import { evaluationSplit, scoreRepresentation } from './score.ts';

const ROWS = 400;
const CLASSES = 4;
const labels = Uint16Array.from({ length: ROWS }, (_, i) => integer(fold(key(2), i), CLASSES));

/** One column a class, raised by `signal` where it is the row's own, in noise. */
function features(signal: number) {
  const values = normal(key(3), ROWS * CLASSES).map((z, at) =>
    at % CLASSES === labels[Math.floor(at / CLASSES)] ? z + signal : z,
  );
  return { features: { values, rows: ROWS, width: CLASSES }, labels, classes: CLASSES };
}

describe('evaluation split', () => {
  test('is seeded, disjoint, capped, and a quarter of it is for the test', () => {
    const split = evaluationSplit(7, 1000, 400);
    expect([split.train.length, split.test.length]).toEqual([300, 100]);
    expect(new Set([...split.train, ...split.test]).size).toBe(400);
    expect(Math.max(...split.train, ...split.test)).toBeLessThan(1000);
    expect(evaluationSplit(7, 1000, 400)).toEqual(split);
    expect(evaluationSplit(8, 1000, 400)).not.toEqual(split);
  });

  test('takes all of a small set', () => {
    const split = evaluationSplit(7, 10, 400);
    expect([split.train.length, split.test.length]).toEqual([8, 2]);
  });
});

describe('score', () => {
  const split = evaluationSplit(1, ROWS, ROWS);

  test('is near chance without signal and near 1 with much', () => {
    const none = scoreRepresentation(features(0), { split });
    const much = scoreRepresentation(features(8), { split });
    expect(none).toMatchObject({ trainCount: 300, testCount: 100 });
    for (const share of [none.knn, none.probe]) expect(Math.abs(share - 0.25)).toBeLessThan(0.15);
    for (const share of [much.knn, much.probe]) expect(share).toBeGreaterThan(0.97);
    expect(much.probeConverged).toBe(true);
  });

  test('the labels of test rows teach nothing', () => {
    const set = features(1);
    const score = scoreRepresentation(set, { split });
    const wrong = labels.slice();
    for (const row of split.test) wrong[row] = ((labels[row] ?? 0) + 1) % CLASSES;
    const shifted = scoreRepresentation({ ...set, labels: wrong }, { split });
    // The same predictions against other labels: what was right is wrong now.
    expect(shifted.probe).toBeLessThanOrEqual(1 - score.probe);
    expect(shifted.knn).toBeLessThanOrEqual(1 - score.knn);
  });

  test('names an evaluation set too small to score', () => {
    const empty = { train: new Uint32Array(1), test: new Uint32Array(0) };
    expect(() => scoreRepresentation(features(0), { split: empty })).toThrow('at least 4 labelled pictures');
  });
});
