import { describe, expect, test } from 'vitest';
import { fold, key, normal } from '../random/key.ts';
import { principalComponents, project } from './pca.ts';
import type { Matrix } from './rowProducts.ts';

/**
 * numpy 2: X = [[2.5, 2.4], [0.5, 0.7], [2.2, 2.9], [1.9, 2.2], [3.1, 3.0], [2.3, 2.7], [2, 1.6], [1, 1.1], [1.5, 1.6], [1.1, 0.9]]
 * w, v = numpy.linalg.eigh(numpy.cov(X.T, bias=True)); w[::-1], v[:, ::-1].T   (the data of Smith 2002, "A tutorial on PCA")
 */
const SMITH: Matrix = {
  values: Float64Array.of(
    ...[2.5, 2.4, 0.5, 0.7, 2.2, 2.9, 1.9, 2.2, 3.1, 3.0],
    ...[2.3, 2.7, 2, 1.6, 1, 1.1, 1.5, 1.6, 1.1, 0.9],
  ),
  rows: 10,
  width: 2,
};
const SMITH_VARIANCES = [1.1556249409, 0.0441750591];
const SMITH_FIRST = [0.6778733985, 0.7351786555];

/** Noise with known deviations along random axes. */
function stretched(rows: number, width: number, deviations: readonly number[]): Matrix {
  const axes = principalComponents({ values: normal(key(3), width * width), rows: width, width }, width);
  const values = new Float32Array(rows * width);
  deviations.forEach((deviation, k) => {
    const along = normal(fold(key(4), k), rows);
    for (let i = 0; i < values.length; i++) {
      const axis = axes.components.values[k * width + (i % width)] as number;
      values[i] = (values[i] as number) + deviation * (along[Math.floor(i / width)] as number) * axis;
    }
  });
  return { values, rows, width };
}

const close = (actual: ArrayLike<number>, expected: readonly number[], digits = 9) =>
  Array.from(actual).forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, digits));

describe('principal components', () => {
  test('of a published example', () => {
    const { mean, components, variances } = principalComponents(SMITH, 2);
    close(mean, [1.81, 1.91]);
    close(variances, SMITH_VARIANCES);
    close(components.values.subarray(0, 2), SMITH_FIRST);
  });

  test('are orthonormal, with the largest entry of each positive, and the same every time', () => {
    const data = stretched(200, 40, [5, 4, 3, 2, 1, 1, 1, 1, 1, 1]);
    const found = principalComponents(data, 3);
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) {
        const [a, b] = [i, j].map((row) =>
          Float64Array.from(found.components.values.subarray(row * 40, (row + 1) * 40)),
        );
        const product = a!.reduce((sum, value, d) => sum + value * (b![d] as number), 0);
        expect(product).toBeCloseTo(i === j ? 1 : 0, 12);
        expect(Math.max(...a!)).toBe(Math.max(...a!.map(Math.abs)));
      }
    expect(principalComponents(data, 3)).toEqual(found);
  });

  test('variances are those of the coordinates, which are centred and uncorrelated', () => {
    const data = stretched(300, 30, [3, 2, 1, 0.5, 0.5]);
    const pca = principalComponents(data, 2);
    const points = project(data, pca);
    const mean = (f: (x: number, y: number) => number) =>
      Array.from({ length: 300 }, (_, i) => f(points[2 * i]!, points[2 * i + 1]!)).reduce((a, b) => a + b) /
      300;
    close([mean((x) => x), mean((_, y) => y), mean((x, y) => x * y)], [0, 0, 0], 5);
    close([mean((x) => x * x), mean((_, y) => y * y)], Array.from(pca.variances), 4);
  });

  test('rebuild the rows exactly when as many are kept as the rank, and lose what is left out otherwise', () => {
    const data = stretched(100, 12, [3, 2, 1]);
    const lost = (count: number) => {
      const pca = principalComponents(data, count);
      const points = project(data, pca);
      return Float64Array.from(data.values).reduce((sum, value, i) => {
        const [row, d] = [Math.floor(i / 12), i % 12];
        let rebuilt = pca.mean[d] as number;
        for (let k = 0; k < count; k++)
          rebuilt += (points[row * count + k] as number) * (pca.components.values[k * 12 + d] as number);
        return sum + (value - rebuilt) ** 2 / 100;
      }, 0);
    };
    const { variances } = principalComponents(data, 3);
    expect(lost(3)).toBeLessThan(1e-9);
    expect(lost(2)).toBeCloseTo(variances[2] as number, 5);
    expect(lost(1)).toBeCloseTo((variances[1] as number) + (variances[2] as number), 5);
  });

  test('of rows that are all alike are nothing', () => {
    const same = { values: new Float32Array(40).fill(3), rows: 10, width: 4 };
    const pca = principalComponents(same, 2);
    close(pca.variances, [0, 0], 20);
    expect(project(same, pca).every((value) => Math.abs(value) < 1e-12)).toBe(true);
  });
});
