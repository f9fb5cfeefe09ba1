import { describe, expect, test } from 'vitest';
import { key } from '../random/key.ts';
import { alieDeviations, normalQuantile } from './alieDeviations.ts';
import { attackerCount, attackGradients, attackKinds, type AttackKind } from './attacks.ts';

const f32 = (...values: number[]) => Float32Array.from(values);
const own = [f32(1, -2), f32(3, 4)];
// Of the first coordinate mean 2, deviation 1; of the second 3 and 0.
const honest = [f32(1, 3), f32(3, 3)];
const sent = (kind: AttackKind) => attackGradients(key(1), kind, { own, honest }).map((v) => [...v]);

describe('an attacker', () => {
  test('turns round what it trained, or makes it ten times as long, too', () => {
    expect(sent('sign-flip')).toEqual([
      [-1, 2],
      [-3, -4],
    ]);
    expect(sent('scaled')).toEqual([
      [-10, 20],
      [-30, -40],
    ]);
  });

  test('sends noise of ten times the length, each its own', () => {
    const long = new Float32Array(10_000).fill(2);
    const [one, other] = attackGradients(key(1), 'noise', { own: [long, long], honest });
    const mean = (one?.reduce((sum, v) => sum + v, 0) ?? NaN) / long.length;
    const square = (one?.reduce((sum, v) => sum + v * v, 0) ?? NaN) / long.length;
    expect(Math.abs(mean)).toBeLessThan(1);
    expect(Math.sqrt(square) / 20).toBeCloseTo(1, 1);
    expect(one).not.toEqual(other);
    expect(attackGradients(key(1), 'noise', { own: [long], honest })[0]).toEqual(one);
  });

  test('hides within the deviations of the honest ones (ALIE)', () => {
    expect(alieDeviations(4, 2)).toBe(1);
    expect(sent('alie')).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  test('turns the honest mean round (inner product), or sends nothing', () => {
    expect(sent('inner-product')).toEqual([
      [-1, -1.5],
      [-1, -1.5],
    ]);
    expect(sent('zero')).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  test.each(attackKinds)('%s changes nothing that it looks at', (kind) => {
    const before = [...own, ...honest].map((v) => v.slice());
    attackGradients(key(1), kind, { own, honest });
    expect([...own, ...honest]).toEqual(before);
  });

  test('is one of so many', () => {
    expect([8, 4, 10, 2].map((n) => attackerCount({ share: 0.25 }, n))).toEqual([2, 1, 3, 1]);
  });
});

test('ALIE goes as far as its paper computes, and no less than one deviation', () => {
  // scipy.stats.norm.ppf([0.5, 0.9, 0.975])
  expect(normalQuantile(0.5)).toBeCloseTo(0, 6);
  expect(normalQuantile(0.9)).toBeCloseTo(1.2815516, 5);
  expect(normalQuantile(0.025)).toBeCloseTo(-1.959964, 5);
  // n = 50, f = 24: s = 2, Φ(z) = 24 / 26
  expect(alieDeviations(50, 24)).toBeCloseTo(1.4260769, 5);
  expect(alieDeviations(8, 2)).toBe(1);
});
