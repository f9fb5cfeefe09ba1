import { expect, test } from 'vitest';
import { weightedMean } from './weightedMean.ts';

const of = (weight: number, ...values: number[]) => ({ weight, values: Float32Array.from(values) });

test('GR3: groups count by their weights', () => {
  expect([...weightedMean([of(16, 1, 2), of(48, 5, -2)])]).toEqual([4, -1]);
  expect([...weightedMean([of(3, 7, 8)])]).toEqual([7, 8]);
});

test('GR3: none counts as longer than three times the first, or than the next where that has no length', () => {
  expect([...weightedMean([of(1, 1, 0), of(1, 0, 100)])]).toEqual([0.5, 1.5]);
  expect([...weightedMean([of(1, 1, 0), of(1, 0, 3)])]).toEqual([0.5, 1.5]);
  expect([...weightedMean([of(1, 0, 0), of(1, 0, 4)])]).toEqual([0, 2]);
});
