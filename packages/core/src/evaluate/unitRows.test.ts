import { expect, test } from 'vitest';
import { unitRows } from './unitRows.ts';

test('rows get length 1, zeros stay', () => {
  const rows = unitRows({ values: Float32Array.of(3, 4, 0, 0, -2, 0), rows: 3, width: 2 });
  expect([...rows.values]).toEqual([0.6, 0.8, 0, 0, -1, 0]);
});
