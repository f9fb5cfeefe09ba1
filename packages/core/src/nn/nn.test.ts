import { beforeAll, describe, expect, it } from 'vitest';
import { key, uniform } from '../random/key.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import { gatherRows } from './gatherRows.ts';
import { keptPatches, maskFromNoise } from './masking.ts';
import { patchify, unpatchify } from './patchify.ts';
import { positionTable } from './sincos.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

describe('masking', () => {
  it('keeps the floor of double arithmetic', () => {
    expect([keptPatches(25, 0.8), keptPatches(100, 0.9), keptPatches(64, 0.75)]).toEqual([4, 9, 16]);
  });

  it('keeps the patches with the smallest noise, ties in order', () => {
    const { idsKeep, idsRestore, mask } = maskFromNoise(Float32Array.of(0.5, 0.1, 0.5, 0.2), 4, 0.5);
    expect([...idsKeep]).toEqual([1, 3]);
    expect([...idsRestore]).toEqual([2, 0, 3, 1]);
    expect([...mask]).toEqual([1, 0, 1, 0]);
  });
});

describe('patches', () => {
  it('come row by row, inside a patch row, column, channel', () => {
    const picture = Float32Array.from({ length: 16 }, (_, i) => i);
    const geometry = { batch: 1, height: 4, width: 4, channels: 1, patch: 2 };
    expect([...patchify(picture, geometry)]).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
  });

  it('go back to the same oblong pictures', () => {
    const geometry = { batch: 2, height: 6, width: 9, channels: 3, patch: 3 };
    const pictures = uniform(key(1), 2 * 6 * 9 * 3);
    expect(unpatchify(patchify(pictures, geometry), geometry)).toEqual(pictures);
  });
});

describe('positions', () => {
  it('encode the column first, then the row, after a class token of zeros', () => {
    const table = positionTable(2, 4, true);
    const [s, c] = [Math.fround(Math.sin(1)), Math.fround(Math.cos(1))];
    expect([...table]).toEqual([
      ...[0, 0, 0, 0],
      ...[0, 1, 0, 1],
      ...[s, c, 0, 1],
      ...[0, 1, s, c],
      ...[s, c, s, c],
    ]);
  });
});

describe('gathering rows', () => {
  it('repeats rows, and adds up the gradients of what it repeated', () => {
    const [values, gradient] = freeing(() => {
      const x = tensorOf(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
      const dy = tensorOf(Float32Array.of(1, 10, 2, 20, 4, 40), [3, 2]);
      const result = valueAndGradients(() => gatherRows(x, Int32Array.of(2, 0, 2)), [x], dy);
      return [[...valuesOf(result.value)], [...valuesOf(result.gradients[0] ?? x)]];
    });
    expect(values).toEqual([5, 6, 1, 2, 5, 6]);
    expect(gradient).toEqual([2, 20, 0, 0, 5, 50]);
  });
});
