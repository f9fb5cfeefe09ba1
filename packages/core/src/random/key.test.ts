import { expect, test } from 'vitest';
import { fold, integer, key, normal, permutation, split, uint32Stream, uniform } from './key.ts';

test('the same key gives the same numbers, whatever was drawn before', () => {
  uniform(key(1), 10);
  expect(uniform(key(7), 5)).toEqual(uniform(key(7), 5));
  expect(uniform(key(7), 5)).not.toEqual(uniform(key(8), 5));
});

test('numbers are pinned, so that a change of the generator cannot pass unseen', () => {
  const next = uint32Stream(key(42));
  expect([next(), next(), next()]).toMatchInlineSnapshot(`
    [
      765275588,
      830432323,
      1672547065,
    ]
  `);
});

test('folding tells numbers, strings and their order apart', () => {
  const parent = key(3);
  const children = [
    fold(parent, 1),
    fold(parent, 2),
    fold(parent, 'a'),
    fold(parent, 'ab'),
    fold(fold(parent, 1), 2),
  ];
  expect(new Set(children.map(String)).size).toBe(children.length);
  expect(split(parent, 2).map(String)).toEqual([fold(parent, 0), fold(parent, 1)].map(String));
});

test('uniform numbers have the mean and variance of U(0, 1)', () => {
  const values = uniform(key(5), 50_000);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  expect(mean).toBeCloseTo(0.5, 2);
  expect(variance).toBeCloseTo(1 / 12, 2);
});

test('normal numbers have mean 0, variance 1 and the right share beyond two', () => {
  const values = normal(key(6), 50_000);
  const mean = values.reduce((a, b) => a + b) / values.length;
  const beyond = values.filter((v) => Math.abs(v) > 2).length / values.length;
  expect(mean).toBeCloseTo(0, 1);
  expect(beyond).toBeCloseTo(0.0455, 2);
});

test('a permutation holds each index once; an integer stays below its bound', () => {
  expect([...permutation(key(9), 100)].sort((a, b) => a - b)).toEqual(
    Array.from({ length: 100 }, (_, i) => i),
  );
  for (let i = 0; i < 100; i++) expect(integer(key(i), 7)).toBeLessThan(7);
});
