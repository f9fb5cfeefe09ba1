import { beforeAll, describe, expect, test } from 'vitest';
import { fold, integer, key, normal } from '../random/key.ts';
import { liveTensors, startBackend } from '../tensor/backend.ts';
import { argmaxRows, knn } from './knn.ts';
import type { Matrix } from './rowProducts.ts';
import { tensorMultiplier } from './tensorProducts.ts';

const matrix = (seed: number, rows: number, width: number): Matrix => ({
  values: normal(key(seed), rows * width),
  rows,
  width,
});

/** Word by word: cosine with every row, sort all, take k, add up exp(similarity / temperature). */
function slowVotes(bank: Matrix, labels: Uint16Array, query: number[], k: number, classes: number): number[] {
  const rowOf = (i: number) => Array.from(bank.values.subarray(i * bank.width, (i + 1) * bank.width));
  const dot = (a: number[], b: number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? NaN), 0);
  const ranked = Array.from({ length: bank.rows }, (_, i) => {
    const row = rowOf(i);
    const similarity = dot(row, query) / Math.sqrt(dot(row, row)) / Math.sqrt(dot(query, query));
    return { similarity, label: labels[i] ?? NaN };
  }).sort((a, b) => b.similarity - a.similarity);
  return Array.from({ length: classes }, (_, c) =>
    ranked
      .slice(0, k)
      .filter(({ label }) => label === c)
      .reduce((sum, { similarity }) => sum + Math.exp(similarity / 0.07), 0),
  );
}

describe('weighted kNN', () => {
  test.each([1, 3, 10, 61])('agrees with a slow transcription, k = %i', (k) => {
    const [bank, queries, classes] = [matrix(1, 61, 7), matrix(2, 70, 7), 4];
    const labels = Uint16Array.from({ length: 61 }, (_, i) => integer(fold(key(3), i), classes));
    const got = knn(bank, labels, queries, { classes, k });
    for (let row = 0; row < queries.rows; row++) {
      const query = Array.from(queries.values.subarray(row * 7, (row + 1) * 7));
      const expected = slowVotes(bank, labels, query, k, classes);
      expected.forEach((votes, c) => {
        expect((got.votes[row * classes + c] ?? NaN) / (votes || 1)).toBeCloseTo(votes ? 1 : 0, 9);
      });
      expect(got.predicted[row]).toBe(expected.indexOf(Math.max(...expected)));
    }
  });

  describe('multiplied on the tensor backend', () => {
    beforeAll(() => startBackend({}));

    test('is the same to the last bit, ties too, and leaves no tensor behind', () => {
      const noise = matrix(1, 300, 33);
      // Every row twice, and every third a hair away from it: no rounding may decide.
      const values = Float32Array.from({ length: 900 * 33 }, (_, at) => {
        const value = noise.values[at % (300 * 33)] ?? NaN;
        return at < 600 * 33 ? value : value * (1 + 1e-7 * (at % 7));
      });
      const bank = { values, rows: 900, width: 33 };
      const labels = Uint16Array.from({ length: 900 }, (_, i) => integer(fold(key(3), i), 5));
      const before = liveTensors();
      const options = { classes: 5, k: 10 };
      const fast = knn(bank, labels, matrix(2, 150, 33), { ...options, multiplier: tensorMultiplier });
      expect(fast).toEqual(knn(bank, labels, matrix(2, 150, 33), options));
      expect(liveTensors()).toBe(before);
    });
  });

  test('does not see the length of a row', () => {
    const bank = matrix(1, 30, 5);
    const labels = Uint16Array.from({ length: 30 }, (_, i) => i % 3);
    const queries = matrix(2, 20, 5);
    const longer = { ...queries, values: queries.values.map((v) => v * 16) };
    const options = { classes: 3, k: 5 };
    expect(knn(bank, labels, longer, options).predicted).toEqual(
      knn(bank, labels, queries, options).predicted,
    );
  });

  test('takes a row of zeros and a k above the size of the bank', () => {
    const bank = { values: Float32Array.of(1, 0, 0, 1, 0, 0), rows: 3, width: 2 };
    const queries = { values: Float32Array.of(0, 0, 0, 2), rows: 2, width: 2 };
    const got = knn(bank, Uint16Array.of(0, 1, 1), queries, { classes: 2, k: 10 });
    expect(got.neighbours.length).toBe(6);
    expect(Array.from(got.predicted)).toEqual([1, 1]);
    expect(Array.from(got.votes.subarray(0, 2))).toEqual([1, 2]);
  });

  test('names what is wrong with an empty bank or another width', () => {
    const none = { values: new Float32Array(0), rows: 0, width: 2 };
    expect(() => knn(none, new Uint16Array(0), none, { classes: 2, k: 1 })).toThrow('0 rows of width 2');
  });

  test('argmax takes the first of equals', () => {
    expect(Array.from(argmaxRows(Float64Array.of(1, 3, 3, -1, -2, -1), 3))).toEqual([1, 0]);
  });
});
