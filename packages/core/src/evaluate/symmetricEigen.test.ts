import { expect, test } from 'vitest';
import { key, normal } from '../random/key.ts';
import { symmetricEigen } from './symmetricEigen.ts';

test('eigenpairs of a matrix whose are known: 2 − √2, 2, 2 + √2', () => {
  const matrix = Float64Array.of(2, -1, 0, -1, 2, -1, 0, -1, 2);
  const { values, vectors } = symmetricEigen(matrix, 3);
  [2 + Math.SQRT2, 2, 2 - Math.SQRT2].forEach((value, i) => expect(values[i]).toBeCloseTo(value, 12));
  const middle = vectors.subarray(3, 6);
  expect(Math.abs(middle[0]!)).toBeCloseTo(Math.SQRT1_2, 12);
  expect(middle[1]).toBeCloseTo(0, 12);
});

test('every pair satisfies A·v = λ·v, by falling λ, and the vectors are orthonormal', () => {
  const size = 9;
  const raw = normal(key(7), size * size);
  const matrix = Float64Array.from(raw, (_, i) => raw[i]! + raw[(i % size) * size + Math.floor(i / size)]!);
  const { values, vectors } = symmetricEigen(matrix, size);
  const row = (i: number) => vectors.subarray(i * size, (i + 1) * size);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, d) => sum + value * b[d]!, 0);
  expect([...values].sort((a, b) => b - a)).toEqual([...values]);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) {
      expect(dot(row(i), row(j))).toBeCloseTo(i === j ? 1 : 0, 12);
      expect(dot(matrix.subarray(j * size, (j + 1) * size), row(i))).toBeCloseTo(values[i]! * row(i)[j]!, 11);
    }
});
