import { describe, expect, it } from 'vitest';
import { scaledDotProduct } from '../../nn/attention.ts';
import { crossEntropy } from '../../nn/crossEntropy.ts';
import { gatherRows } from '../../nn/gatherRows.ts';
import { gelu } from '../../nn/gelu.ts';
import { layerNorm } from '../../nn/layerNorm.ts';
import { linear } from '../../nn/linear.ts';
import { linearGelu } from '../../nn/linearGelu.ts';
import { valueAndGradients } from '../autodiff.ts';
import { startBackend } from '../backend.ts';
import { freeing, mul, tensorOf, valuesOf, type Tensor } from '../ops.ts';
import { expectSame, random, sizes } from '../simd/compare.fixture.ts';

type Operation = (...inputs: Tensor[]) => Tensor;

/** The last input is the cotangent. */
const withGradients =
  (operation: Operation) =>
  (inputs: Tensor[]): Tensor[] => {
    const dy = inputs.at(-1) as Tensor;
    const rest = inputs.slice(0, -1);
    const { value, gradients } = valueAndGradients(() => operation(...rest), rest, dy);
    return [value, ...gradients];
  };

/** Gradients of `sum(y · dy)` against central differences, a few elements of each input. */
async function checkGradients(shapes: readonly (readonly number[])[], operation: Operation): Promise<void> {
  await startBackend({ backend: 'murmur' });
  const arrays = shapes.map((shape, i) => random(i + 1, shape));
  const tensors = () => arrays.map((values, i) => tensorOf(values, shapes[i] ?? []));
  const sum = () =>
    freeing(() => {
      const [inputs, dy] = [tensors().slice(0, -1), arrays.at(-1) as Float32Array];
      return valuesOf(operation(...inputs)).reduce((total, y, i) => total + y * (dy[i] as number), 0);
    });
  const gradients = freeing(() => withGradients(operation)(tensors()).slice(1).map(valuesOf));
  gradients.forEach((gradient, i) => {
    const values = arrays[i] as Float32Array;
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 5)) {
      const middle = values[at] as number;
      values[at] = middle + 1e-2;
      const upper = sum();
      values[at] = middle - 1e-2;
      const slope = (upper - sum()) / (Math.fround(middle + 1e-2) - Math.fround(middle - 1e-2));
      values[at] = middle;
      expect(Math.abs(slope - (gradient[at] as number)), `input ${i} element ${at}`).toBeLessThan(
        1e-3 * Math.max(1, Math.abs(slope)),
      );
    }
  });
}

const odd = Array.from(
  { length: 8 },
  (_, i) => sizes(i, 3, 40).map((size) => size + 1) as [number, number, number],
);

describe('linear', () => {
  it.each([[1, 1, 1], [4, 8, 8], [257, 5, 6], [300, 32, 24], [2, 700, 3], ...odd])(
    '%i rows, %i in, %i out',
    async (rows, ins, outs) => {
      const shapes = [[rows, ins], [outs, ins], [outs], [rows, outs]];
      await expectSame(shapes, withGradients(linear), 1e-5);
      await expectSame(
        [
          [rows, ins],
          [outs, ins],
          [rows, outs],
        ],
        withGradients(linear),
        1e-5,
      );
    },
  );
  it('has the gradient of its value', () => checkGradients([[5, 7], [9, 7], [9], [5, 9]], linear));
});

describe('GELU', () => {
  it.each([0, 1, 2, 3, 4, 5, 63, 1001])('%i values', (count) =>
    expectSame([[count], [count]], withGradients(gelu)),
  );
  it('has the gradient of its value', () =>
    checkGradients(
      [
        [3, 5],
        [3, 5],
      ],
      gelu,
    ));
  it('is right far out', async () => {
    await startBackend({ backend: 'murmur' });
    const got = freeing(() =>
      valuesOf(gelu(tensorOf(Float32Array.of(-100, -20, -6, 0, 6, 20, 100, 1e30), [8]))),
    );
    expect([...got].slice(3)).toEqual([0, 6, 20, 100, Math.fround(1e30)]);
    [...got].slice(0, 3).forEach((value) => expect(Math.abs(value)).toBeLessThan(1e-7));
  });
  it('lets what is not a number through', async () => {
    await startBackend({ backend: 'murmur' });
    expect(freeing(() => valuesOf(gelu(tensorOf(Float32Array.of(NaN, 1), [2]))))[0]).toBeNaN();
  });
});

describe('linear and GELU in one', () => {
  it.each([[1, 1, 1], [4, 8, 8], [257, 5, 12], [300, 32, 24], [2, 1100, 4], [0, 3, 4], ...odd])(
    '%i rows, %i in, %i out',
    async (rows, ins, outs) => {
      const shapes = [[rows, ins], [outs, ins], [outs], [rows, outs]];
      await expectSame(shapes, withGradients(linearGelu), 1e-5);
      const inTurn: Operation = (x, weight, bias) => gelu(linear(x as Tensor, weight as Tensor, bias));
      await startBackend({ backend: 'murmur' });
      freeing(() => {
        const inputs = shapes.map((shape, i) => tensorOf(random(i + 1, shape), shape));
        const [one, two] = [linearGelu as Operation, inTurn].map((of) =>
          withGradients(of)(inputs).map(valuesOf),
        );
        expect(one).toEqual(two);
      });
    },
  );
  it('has the gradient of its value', () => checkGradients([[5, 7], [8, 7], [8], [5, 8]], linearGelu));
});

describe('cross-entropy', () => {
  const targets = (rows: number, classes: number) =>
    Int32Array.from({ length: rows }, (_, row) => (7 * row + 3) % classes);
  const lossOf = (logits: Tensor) =>
    crossEntropy(mul(logits, 20), targets(...(logits.shape as [number, number])));
  it.each([
    [1, 1],
    [1, 5],
    [3, 4],
    [17, 10],
    [6, 129],
  ])('of %i rows over %i classes', (rows, classes) =>
    expectSame([[rows, classes], []], withGradients(lossOf), 1e-5),
  );
  it('has the gradient of its value', () =>
    checkGradients([[3, 6], []], (logits) => crossEntropy(logits as Tensor, targets(3, 6))));
  it('names a target that is no class', async () => {
    await startBackend({ backend: 'murmur' });
    const wrong = () =>
      freeing(() => void crossEntropy(tensorOf(new Float32Array(6), [2, 3]), Int32Array.of(1, 3)));
    expect(wrong).toThrow('expected targets from 0 to 2, received 3');
  });
});

describe('rows', () => {
  it.each([
    [1, 1, 1],
    [5, 9, 3],
    [9, 4, 17],
    [3, 0, 4],
  ])('of %i, %i gathered, %i wide', (rows, count, width) => {
    const index = Int32Array.from({ length: count }, (_, i) => (5 * i + 1) % rows);
    return expectSame(
      [
        [rows, width],
        [count, width],
      ],
      withGradients((x) => gatherRows(x as Tensor, index)),
    );
  });
  it('refuses an index that points nowhere', async () => {
    await startBackend({ backend: 'murmur' });
    const wrong = () =>
      freeing(() => void gatherRows(tensorOf(new Float32Array(6), [2, 3]), Int32Array.of(0, -1)));
    expect(wrong).toThrow('expected rows from 0 to 1, received -1');
  });
});

describe('LayerNorm', () => {
  const normalise = (x: Tensor, weight: Tensor, bias: Tensor) => layerNorm(x, weight, bias, 1e-6);
  it.each([
    [1, 2],
    [3, 4],
    [0, 4],
    [5, 7],
    [2, 129],
    [17, 64],
  ])('%i rows of %i', (rows, width) =>
    expectSame([[rows, width], [width], [width], [rows, width]], withGradients(normalise), 2e-5),
  );
  it('adds eps to the variance', () =>
    expectSame(
      [[3, 6], [6], [6], [3, 6]],
      withGradients((x, weight, bias) => layerNorm(x as Tensor, weight as Tensor, bias as Tensor, 0.1)),
    ));
  it('has the gradient of its value', () => checkGradients([[4, 9], [9], [9], [4, 9]], normalise));
});

describe('attention', () => {
  const shapesOf = (B: number, T: number, D: number) => [
    [B, T, 3 * D],
    [B, T, D],
  ];
  it.each([
    [1, 1, 1, 1],
    [2, 17, 64, 2],
    [1, 65, 16, 1],
    [3, 5, 6, 2],
    [2, 8, 8, 1],
    [0, 3, 4, 1],
    [1, 9, 15, 3],
    [2, 31, 20, 4],
  ])('batch %i, %i tokens, width %i, %i heads', async (B, T, D, heads) => {
    for (const causal of [false, true])
      await expectSame(
        shapesOf(B, T, D),
        withGradients((qkv) => scaledDotProduct(qkv, { heads, causal })),
        1e-5,
      );
  });
  it('has the gradient of its value', () =>
    checkGradients(shapesOf(2, 5, 6), (qkv) => scaledDotProduct(qkv, { heads: 2 })));
  it('keeps large scores finite', async () => {
    await startBackend({ backend: 'murmur' });
    const qkv = random(1, [1, 6, 12]).map((value) => 100 * value);
    const y = freeing(() => valuesOf(scaledDotProduct(tensorOf(qkv, [1, 6, 12]), { heads: 1 })));
    expect(y.every((value) => Number.isFinite(value) && Math.abs(value) <= 100)).toBe(true);
  });
});
