import { expect, test } from 'vitest';
import { fitStandardiser, standardise } from './standardise.ts';

const training = { values: Float32Array.of(1, 5, 10, 3, 5, 30), rows: 2, width: 3 };

test('gives training columns mean 0 and population deviation 1; constant columns become 0', () => {
  const out = standardise(training, fitStandardiser(training));
  expect(Array.from(out.values)).toEqual([-1, 0, -1, 1, 0, 1]);
});

test('shifts and scales other rows by the training rows only', () => {
  const by = fitStandardiser(training);
  const test = { values: Float32Array.of(4, 6, 0), rows: 1, width: 3 };
  expect(Array.from(standardise(test, by).values)).toEqual([2, 1, -2]);
  // Fitted on the test rows as well it would be something else.
  expect(Array.from(by.mean)).toEqual([2, 5, 20]);
});

test('keeps its digits where the mean is large against the deviation', () => {
  const rows = { values: Float32Array.of(10_000.125, 10_000.375), rows: 2, width: 1 };
  expect(Array.from(fitStandardiser(rows).deviation)).toEqual([0.125]);
});
