import { describe, expect, test } from 'vitest';
import { key, normal } from '../random/key.ts';
import { alignTo, centred } from './procrustes.ts';

const points = normal(key(1), 60);

/** The points turned by `angle`, mirrored first where asked, and moved. */
const moved = (angle: number, mirror: 1 | -1): Float32Array =>
  points.map((_, i) => {
    const [x, y] = [points[i - (i % 2)]!, mirror * points[i - (i % 2) + 1]!];
    return i % 2 === 0
      ? Math.cos(angle) * x - Math.sin(angle) * y + 3
      : Math.sin(angle) * x + Math.cos(angle) * y - 7;
  });

const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / (a.length / 2));

describe('alignment', () => {
  test.each([
    [0, 1],
    [2.5, 1],
    [-1, -1],
    [Math.PI, -1],
  ] as const)('undoes a turn by %f, mirrored %i, and a shift', (angle, mirror) => {
    expect(distance(alignTo(moved(angle, mirror), points), centred(points))).toBeLessThan(1e-5);
  });

  test('changes no distance between points', () => {
    const turned = alignTo(moved(1, 1), normal(key(2), 60));
    const apart = (all: Float32Array, i: number, j: number) =>
      Math.hypot(all[2 * i]! - all[2 * j]!, all[2 * i + 1]! - all[2 * j + 1]!);
    for (let i = 1; i < 30; i++) expect(apart(turned, 0, i)).toBeCloseTo(apart(points, 0, i), 4);
  });

  test('no turn, mirrored or not, comes nearer to the reference', () => {
    const reference = points.map((value, i) => value + 0.8 * normal(key(5), 60)[i]!);
    const best = distance(alignTo(points, reference), centred(reference));
    for (let step = 0; step < 90; step++)
      for (const mirror of [1, -1] as const) {
        const tried = centred(moved((step * Math.PI) / 45, mirror));
        expect(distance(tried, centred(reference))).toBeGreaterThanOrEqual(best - 1e-5);
      }
  });

  test('refuses layouts of different sizes', () => {
    expect(() => alignTo(points, points.slice(2))).toThrow('expected 29 points, received 30');
  });
});
