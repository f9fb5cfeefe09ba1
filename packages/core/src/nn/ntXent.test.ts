import { beforeAll, describe, expect, it } from 'vitest';
import { key, normal } from '../random/key.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import { ntXent, ntXentRows } from './ntXent.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

/** Algorithm 1 of Chen et al. 2020 line by line, in double precision; the views of picture k are rows k and k + B. */
function published(z: ArrayLike<number>, rows: number, temperature: number): number {
  const width = z.length / rows;
  const at = (i: number, k: number) => z[i * width + k] as number;
  const dot = (i: number, j: number) => {
    let total = 0;
    for (let k = 0; k < width; k++) total += at(i, k) * at(j, k);
    return total;
  };
  const s = (i: number, j: number) => dot(i, j) / Math.sqrt(dot(i, i) * dot(j, j));
  const l = (i: number, j: number) => {
    let denominator = 0;
    for (let k = 0; k < rows; k++) if (k !== i) denominator += Math.exp(s(i, k) / temperature);
    return -Math.log(Math.exp(s(i, j) / temperature) / denominator);
  };
  let loss = 0;
  for (let k = 0; k < rows / 2; k++) loss += l(k, k + rows / 2) + l(k + rows / 2, k);
  return loss / rows;
}

function lossAndGradient(z: Float32Array, rows: number, temperature: number) {
  return freeing(() => {
    const x = tensorOf(z, [rows, z.length / rows]);
    const { value, gradients } = valueAndGradients(() => ntXent(x, temperature), [x]);
    return { loss: valuesOf(value)[0] as number, gradient: valuesOf(gradients[0] ?? x) };
  });
}

describe('NT-Xent', () => {
  it.each([
    [2, 3, 0.5],
    [6, 5, 0.1],
    [14, 8, 0.5],
    [10, 1, 1],
  ])(
    'of %i rows of %i values at %f is that of Algorithm 1, and so is its slope',
    (rows, width, temperature) => {
      const z = normal(key(rows), rows * width);
      const { loss, gradient } = lossAndGradient(z, rows, temperature);
      expect(loss).toBeCloseTo(published(z, rows, temperature), 5);
      z.forEach((value, i) => {
        const moved = (by: number) => published(Float64Array.from(z).with(i, value + by), rows, temperature);
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        expect(gradient[i]).toBeCloseTo(slope, 4);
      });
    },
  );

  it('is the mean of its rows', () => {
    const z = normal(key(3), 8 * 4);
    const perRow = freeing(() => valuesOf(ntXentRows(tensorOf(z, [8, 4]), 0.2)));
    expect(perRow.length).toBe(8);
    expect(perRow.reduce((a, b) => a + b) / 8).toBeCloseTo(lossAndGradient(z, 8, 0.2).loss, 5);
  });

  it('is the logarithm of the number of others where all rows are alike, and near zero where pairs stand apart', () => {
    expect(lossAndGradient(new Float32Array(20).fill(3), 10, 0.5).loss).toBeCloseTo(Math.log(9), 5);
    const apart = Float32Array.of(1, 0, 0, 0, 1, 0, 5, 0, 0, 0, 5, 0);
    expect(lossAndGradient(apart, 4, 0.05).loss).toBeCloseTo(0, 5);
  });

  it('stays finite at a low temperature, at great lengths and at a row of zeros', () => {
    const opposed = Float32Array.of(1, 0, -1, 0.001, -1, 0, 1, 0.001);
    expect(lossAndGradient(opposed, 4, 0.01).loss).toBeCloseTo(200, 0);
    const odd = Float32Array.of(0, 0, 1e6, -1e6, 1e-3, 0, 2e6, 1e6);
    const { loss, gradient } = lossAndGradient(odd, 4, 0.5);
    expect([loss, ...gradient].every(Number.isFinite)).toBe(true);
  });

  it('refuses rows without a partner', () => {
    expect(() => lossAndGradient(new Float32Array(9), 3, 0.5)).toThrow('two rows a picture, received [3,3]');
  });
});
