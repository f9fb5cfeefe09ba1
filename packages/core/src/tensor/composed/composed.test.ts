import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../backend.ts';
import { adamwLoop } from '../loops/adamw.ts';
import { attentionGradLoop, attentionLoop } from '../loops/attention.ts';
import { geluLoop } from '../loops/gelu.ts';
import { layerNormGradLoop, layerNormLoop } from '../loops/layerNorm.ts';
import { maskedPatchLossLoop } from '../loops/maskedPatchLoss.ts';
import { reluLoop } from '../loops/relu.ts';
import { columnSumsLoop, gatherRowsLoop, scatterRowsLoop } from '../loops/rows.ts';
import { freeing, tensorOf, valuesOf, type Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { random, sizes } from '../simd/compare.fixture.ts';
import { adamw } from './adamw.ts';
import { attention, attentionGradient } from './attention.ts';
import { gelu } from './gelu.ts';
import { layerNorm, layerNormGradient } from './layerNorm.ts';
import { linear, linearGradient } from './linear.ts';
import { maskedPatchLoss } from './maskedPatchLoss.ts';
import { relu } from './relu.ts';
import { gatherRows, scatterRows } from './rows.ts';

beforeAll(() => startBackend({ backend: 'cpu' }));

/** A tensor of random values in −1 … 1. */
const some = (seed: number, ...shape: readonly number[]): Tensor => tensorOf(random(seed, shape), shape);

/** That two ways to compute the same agree in shape and, within a few roundings, in value. */
function expectEqual(work: () => readonly (readonly [got: Tensor, expected: Tensor])[]): void {
  freeing(() =>
    work().forEach(([got, expected], i) => {
      expect(got.shape, `output ${i}`).toEqual(expected.shape);
      const values = valuesOf(got);
      valuesOf(expected).forEach((value, j) =>
        expect(Math.abs(value - (values[j] ?? NaN)), `output ${i} value ${j}`).toBeLessThan(
          1e-5 * Math.max(1, Math.abs(value)),
        ),
      );
    }),
  );
}

const pairs = (got: readonly Tensor[], expected: readonly Tensor[]) =>
  got.map((tensor, i) => [tensor, expected[i] as Tensor] as const);

const odd = Array.from({ length: 6 }, (_, i) => sizes(i, 4, 9).map((n) => n + 1)) as [
  number,
  number,
  number,
  number,
][];

describe.each(odd)('composed of tfjs operations as in loops, sizes %i %i %i %i', (a, b, c, d) => {
  it('linear', () =>
    expectEqual(() => {
      const [x, weight, bias, dy] = [some(1, a, b, c), some(2, d, c), some(3, d), some(4, a, b, d)];
      const [dx, dWeight, dBias] = linearGradient(dy, x, weight);
      const turned = weight.transpose();
      const rows = dy.reshape([a * b, d]);
      const product = x.reshape([a * b, c]).matMul(turned);
      return pairs(
        [linear(x, weight), linear(x, weight, bias), dx, dWeight, dBias],
        [
          product.reshape([a, b, d]),
          product.add(bias).reshape([a, b, d]),
          rows.matMul(weight).reshape([a, b, c]),
          rows.transpose().matMul(x.reshape([a * b, c])),
          runLoop([rows], [[d]], ([from], [to]) => columnSumsLoop(from, to))[0],
        ],
      );
    }));

  it('GELU', () =>
    expectEqual(() => {
      const x = some(1, a, b * c).mul(6);
      return pairs(
        gelu(x),
        runLoop([x], [x.shape, x.shape], ([from], [y, dy]) => geluLoop(from, y, dy)),
      );
    }));

  it('ReLU, whose slope at zero is zero', () =>
    expectEqual(() => {
      const x = tensorOf(random(1, [a, b * c]).with(0, 0), [a, b * c]);
      return pairs(
        relu(x),
        runLoop([x], [x.shape, x.shape], ([from], [y, dy]) => reluLoop(from, y, dy)),
      );
    }));

  it('LayerNorm', () =>
    expectEqual(() => {
      const width = b * c + 1;
      const [x, weight, bias, dy] = [
        some(1, a, d, width),
        some(2, width),
        some(3, width),
        some(4, a, d, width),
      ];
      const inputs = [x, weight, bias] as const;
      const expected = runLoop(inputs, [x.shape, [a * d, 2]], (from, to) => layerNormLoop(from, to, 1e-3));
      const gradients = runLoop([dy, x, weight, expected[1]], [x.shape, [width], [width]], layerNormGradLoop);
      return [
        ...pairs(layerNorm(x, weight, bias, 1e-3), expected),
        ...pairs(layerNormGradient(dy, x, weight, expected[1]), gradients),
      ];
    }));

  it.each([false, true])('attention (causal %s)', (causal) =>
    expectEqual(() => {
      const sizes = { batch: a, tokens: b, heads: c, width: c * d, causal };
      const [qkv, dy] = [some(1, a, b, 3 * c * d), some(2, a, b, c * d)];
      const expected = runLoop([qkv], [dy.shape, [a, c, b, b]], ([from], to) =>
        attentionLoop(from, to, sizes),
      );
      const inputs = [dy, qkv, expected[1]] as const;
      const gradient = runLoop(inputs, [qkv.shape], (from, [to]) => attentionGradLoop(from, to, sizes));
      return [
        ...pairs(attention(qkv, sizes), expected),
        ...pairs([attentionGradient(dy, qkv, expected[1], sizes)], gradient),
      ];
    }),
  );

  it('rows, used once, often and never', () =>
    expectEqual(() => {
      const rows = a + b;
      const index = Int32Array.from(sizes(c, 2 * d + 1, rows));
      const [x, dy] = [some(1, rows, c), some(2, index.length, c)];
      const deeper = dy.reshape([1, index.length, c]);
      const [scattered] = runLoop([dy], [x.shape], ([from], [to]) => scatterRowsLoop(from, to, index, c));
      return pairs(
        [gatherRows(x, index), scatterRows(dy, index, rows), scatterRows(deeper, index, rows)],
        [
          runLoop([x], [dy.shape], ([from], [to]) => gatherRowsLoop(from, to, index, c))[0],
          ...Array.from({ length: 2 }, () => scattered),
        ],
      );
    }));

  it('the loss of masked patches', () =>
    expectEqual(() => {
      const [logits, target] = [some(1, a, b, c), some(2, a, b, c)];
      const mask = tensorOf(
        Float32Array.from({ length: a * b }, (_, i) => Number(i % 3 !== 1)),
        [a, b],
      );
      const inputs = [logits, target, mask] as const;
      return pairs(
        maskedPatchLoss(...inputs),
        runLoop(inputs, [[], mask.shape, logits.shape], maskedPatchLossLoop),
      );
    }));

  it('AdamW', () =>
    expectEqual(() => {
      const shape = [a, b * c];
      const [param, grad, expAvg] = [some(1, ...shape), some(2, ...shape), some(3, ...shape)];
      const expAvgSq = some(4, ...shape).square();
      const coefficients = {
        beta1: 0.9,
        beta2: 0.95,
        eps: 1e-2,
        keep: d % 2 ? 1 : 0.99,
        stepSize: 0.01,
        correction: 1.5,
      };
      const got = adamw([param, grad, expAvg, expAvgSq], coefficients);
      runLoop([param, grad, expAvg, expAvgSq], [], (views) => adamwLoop(views, coefficients)); // in place
      return pairs(got, [param, expAvg, expAvgSq]);
    }));
});

it('rows whose gradients all meet, or none', () =>
  expectEqual(() => {
    const dy = some(1, 5, 3);
    const none = scatterRows(dy.slice([0, 0], [1, 3]), Int32Array.of(1), 3);
    return [
      [scatterRows(dy, new Int32Array(5), 1), dy.sum(0, true)],
      [none.slice([1, 0], [1, 3]), dy.slice([0, 0], [1, 3])],
      [none.slice([2, 0], [1, 3]), tensorOf(new Float32Array(3), [1, 3])],
    ];
  }));
