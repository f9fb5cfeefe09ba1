import { expect, test } from 'vitest';
import { alternate, warmedUp } from './alternate.ts';
import { median } from './median.ts';

const contender = <Name extends string>(name: Name, values: readonly number[], order: string[]) => {
  const left = [...values];
  return {
    name,
    visit: () => {
      order.push(name);
      return Promise.resolve(left.shift() ?? NaN);
    },
  };
};

test('contenders take turns, and a ratio is the median of the pairs, not of the medians', async () => {
  const order: string[] = [];
  const [own, other] = [contender('own', [2, 9, 8], order), contender('other', [1, 3, 8], order)];
  const visits = await alternate([own, other], 3, () => undefined);
  expect(order).toEqual(['own', 'other', 'own', 'other', 'own', 'other']);
  expect(visits.middle('own')).toBe(8);
  expect(visits.ratio('own', 'other')).toBe(2);
});

test('who is not on the machine has no figure', async () => {
  const visits = await alternate<'own' | 'other'>([contender('own', [1], [])], 1, () => undefined);
  expect(visits.middle('other')).toBeNull();
  expect(visits.ratio('own', 'other')).toBeNull();
});

test('who fails at the first visit is left out and named', async () => {
  const lines: string[] = [];
  const failing = { name: 'failing', visit: () => Promise.reject(new Error('no memory')) };
  const working = await warmedUp([contender('own', [1, 2], []), failing], (line) => lines.push(line));
  expect(working.map(({ name }) => name)).toEqual(['own']);
  expect(lines).toEqual(['bench: failing is left out: no memory']);
  expect(await working[0]?.visit()).toBe(2);
});

test('the median of an even count lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([5, 1, 3])).toBe(3);
  expect(median([])).toBeNaN();
});
