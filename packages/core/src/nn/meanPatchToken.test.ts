import { beforeAll, expect, it } from 'vitest';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import { meanPatchToken } from './meanPatchToken.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

it('averages the patch tokens of each picture without its class token, and hands each its share of the gradient', () => {
  const [values, gradient] = freeing(() => {
    const latent = tensorOf(Float32Array.of(9, 9, 1, 2, 3, 6, 9, 9, 0, 0, 4, -2), [2, 3, 2]);
    const dy = tensorOf(Float32Array.of(2, 4, 6, 8), [2, 2]);
    const result = valueAndGradients(() => meanPatchToken(latent), [latent], dy);
    return [[...valuesOf(result.value)], [...valuesOf(result.gradients[0] ?? latent)]];
  });
  expect(values).toEqual([2, 4, 2, -1]);
  expect(gradient).toEqual([0, 0, 1, 2, 1, 2, 0, 0, 3, 4, 3, 4]);
});
