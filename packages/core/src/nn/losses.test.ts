import { beforeAll, describe, expect, it } from 'vitest';
import { key, normal } from '../random/key.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf, type Tensor } from '../tensor/ops.ts';
import { crossEntropy, weightedCrossEntropy } from './crossEntropy.ts';
import { meanSquaredError } from './meanSquaredError.ts';
import { patchTokens } from './patchTokens.ts';
import { relu } from './relu.ts';

function valueAndGradient(of: (x: Tensor) => Tensor, values: Float32Array, shape: readonly number[]) {
  return freeing(() => {
    const x = tensorOf(values, shape);
    const { value, gradients } = valueAndGradients(() => of(x), [x]);
    return { value: valuesOf(value)[0] as number, gradient: valuesOf(gradients[0] as Tensor) };
  });
}

/** The slope of `of` at `values`, value by value, in double precision. */
const slopes = (of: (values: Float64Array) => number, values: Float32Array): number[] =>
  Array.from(values, (value, i) => {
    const moved = (by: number) => of(Float64Array.from(values).with(i, value + by));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });

describe.each(['cpu', 'murmur'] as const)('on %s', (backend) => {
  beforeAll(() => startBackend({ backend }));

  it('the mean squared error counts every value alike, whatever the shape', () => {
    const [x, target] = [normal(key(1), 24), normal(key(2), 24)];
    const slow = (values: ArrayLike<number>) =>
      target.reduce((sum, wanted, i) => sum + ((values[i] as number) - wanted) ** 2, 0) / 24;
    for (const shape of [
      [24, 1],
      [4, 6],
      [2, 3, 4],
    ]) {
      const got = valueAndGradient((p) => meanSquaredError(p, tensorOf(target, shape)), x, shape);
      expect(got.value).toBeCloseTo(slow(x), 5);
      slopes(slow, x).forEach((slope, i) => expect(got.gradient[i]).toBeCloseTo(slope, 4));
    }
  });

  it('cross-entropy multiplies each row’s share by its weight', () => {
    const [x, targets, weights] = [
      normal(key(3), 20),
      Int32Array.of(0, 4, 2, 1),
      Float32Array.of(1, 0, 3, 0.5),
    ];
    const slow = (logits: ArrayLike<number>) =>
      targets.reduce((sum, target, row) => {
        const exps = Array.from({ length: 5 }, (_, c) => Math.exp(logits[5 * row + c] as number));
        const share = (exps[target] as number) / exps.reduce((a, b) => a + b);
        return sum - (weights[row] as number) * Math.log(share);
      }, 0) / 4;
    const got = valueAndGradient((z) => weightedCrossEntropy(z, targets, weights), x, [4, 5]);
    expect(got.value).toBeCloseTo(slow(x), 5);
    slopes(slow, x).forEach((slope, i) => expect(got.gradient[i]).toBeCloseTo(slope, 4));
    const alike = valueAndGradient(
      (z) => weightedCrossEntropy(z, targets, new Float32Array(4).fill(1)),
      x,
      [4, 5],
    );
    expect(alike).toEqual(valueAndGradient((z) => crossEntropy(z, targets), x, [4, 5]));
  });

  it('a rectifier lets through what is above zero, and its gradient with it', () => {
    const [x, dy] = [Float32Array.of(-2, 0, 3, 0.5), Float32Array.of(5, 6, 7, 8)];
    const [value, gradient] = freeing(() => {
      const input = tensorOf(x, [4]);
      const got = valueAndGradients(() => relu(input), [input], tensorOf(dy, [4]));
      return [[...valuesOf(got.value)], [...valuesOf(got.gradients[0] as Tensor)]];
    });
    expect(value).toEqual([0, 0, 3, 0.5]);
    expect(gradient).toEqual([0, 0, 7, 8]);
  });

  it('patch tokens are all tokens but the class token, which has no part in their gradient', () => {
    const [value, gradient] = freeing(() => {
      const latent = tensorOf(Float32Array.of(9, 9, 1, 2, 3, 4, 9, 9, 5, 6, 7, 8), [2, 3, 2]);
      const dy = tensorOf(Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), [4, 2]);
      const got = valueAndGradients(() => patchTokens(latent), [latent], dy);
      expect(got.value.shape).toEqual([4, 2]);
      return [[...valuesOf(got.value)], [...valuesOf(got.gradients[0] as Tensor)]];
    });
    expect(value).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(gradient).toEqual([0, 0, 1, 2, 3, 4, 0, 0, 5, 6, 7, 8]);
  });
});
