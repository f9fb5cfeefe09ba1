import { expect, test } from 'vitest';
import { key, normal, split } from '../random/key.ts';
import { rowProducts } from './rowProducts.ts';

// Row counts below, at and beside the tile of 2 × 4.
const sizes = [1, 2, 3, 4, 5, 7, 8].flatMap((m) => [1, 3, 4, 5, 8, 9].map((k) => [m, k] as const));

test.each(sizes)('multiplies %i rows with %i rows', (m, k) => {
  const width = 5;
  const [keyA, keyB] = split(key(1), 2);
  if (keyA === undefined || keyB === undefined) throw new Error('split gave no keys');
  const a = normal(keyA, m * width);
  const b = normal(keyB, k * width);
  const expected = Array.from({ length: m * k }, (_, at) => {
    const [i, j] = [Math.floor(at / k), at % k];
    return Array.from({ length: width }, (_, d) => d).reduce(
      (sum, d) => sum + (a[i * width + d] ?? NaN) * (b[j * width + d] ?? NaN),
      0,
    );
  });
  const got = rowProducts({ values: a, rows: m, width }, { values: b, rows: k, width });
  expect(Array.from(got)).toEqual(expected);
});
