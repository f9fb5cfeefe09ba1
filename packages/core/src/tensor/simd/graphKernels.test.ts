import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../backend.ts';
import { freeing } from '../ops.ts';
import { expectSame, sizes } from './compare.fixture.ts';
import { runningMurmur } from './startMurmur.ts';

beforeAll(() => startBackend({ backend: 'murmur' }));

/** Calls of kernels that ran on the cpu backend during `work`. */
async function fallbacks(work: () => Promise<unknown>): Promise<string[]> {
  await startBackend({ backend: 'murmur' });
  const counts = runningMurmur()?.fallbacks ?? new Map<string, number>();
  counts.clear();
  await work();
  return [...counts.keys()];
}

describe('matrix products', () => {
  const cases = [
    [0, 3, 2],
    [3, 0, 2],
    [3, 4, 0],
    [1, 1, 1],
    [4, 8, 16],
    [17, 33, 65],
    [5, 600, 9],
    [70, 3, 300],
  ];
  it.each([...cases, ...Array.from({ length: 12 }, (_, i) => sizes(i, 3, 40))])(
    'of %i×%i×%i in all transpositions, without help',
    async (M, K, N) => {
      const used = await fallbacks(async () => {
        for (const [transposeA, transposeB] of [
          [false, false],
          [false, true],
          [true, false],
          [true, true],
        ]) {
          const a = transposeA ? [K, M] : [M, K];
          const b = transposeB ? [N, K] : [K, N];
          await expectSame([a, b], ([x, y]) => [
            tf.matMul(x as tf.Tensor, y as tf.Tensor, transposeA, transposeB),
          ]);
          await expectSame(
            [
              [3, ...a],
              [3, ...b],
            ],
            ([x, y]) => [tf.matMul(x as tf.Tensor, y as tf.Tensor, transposeA, transposeB)],
          );
        }
      });
      expect(used).toEqual([]);
    },
  );

  it('with a bias, and with an activation on the cpu', async () => {
    const product = (activation?: 'relu') => (inputs: tf.Tensor[]) => {
      const [a, b, bias] = inputs as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
      return [tf.fused.matMul({ a, b, bias, ...(activation && { activation }) })];
    };
    for (const [M = 1, K = 1, N = 1] of [
      [5, 7, 9],
      [8, 16, 8],
      [1, 1, 1],
      [6, 3, 21],
    ]) {
      expect(await fallbacks(() => expectSame([[M, K], [K, N], [N]], product()))).toEqual([]);
      expect(await fallbacks(() => expectSame([[M, K], [K, N], [N]], product('relu')))).toEqual([
        '_FusedMatMul',
      ]);
    }
  });
});

describe('elementwise', () => {
  it.each([
    [
      [5, 3],
      [5, 3],
    ],
    [
      [2, 3, 5],
      [3, 5],
    ],
    [
      [2, 3, 5],
      [1, 3, 5],
    ],
    [[7], []],
    [[], [7]],
    [[], []],
    [[1], [1]],
    [[0, 3], [3]],
    [[3], [6, 3]],
    [
      [1, 1],
      [4, 1],
    ],
    [
      [2, 1],
      [2, 5],
    ],
    [
      [2, 1, 4],
      [1, 3, 1],
    ],
  ])('%j with %j', async (a, b) => {
    const ops = [tf.add, tf.sub, tf.mul];
    await expectSame([a, b], ([x, y]) => ops.map((op) => op(x as tf.Tensor, y as tf.Tensor)));
  });
});

describe('movement', () => {
  it.each(Array.from({ length: 12 }, (_, i) => sizes(100 + i, 3, 6).map((size) => size + 1)))(
    'of a box %i×%i×%i, without help',
    async (...shape) => {
      const begin = shape.map((size) => size >> 1);
      const used = await fallbacks(() =>
        expectSame([shape, shape], ([x, y]) => {
          const [a, b] = [x as tf.Tensor, y as tf.Tensor];
          return [
            ...[0, 1, 2].map((axis) => tf.concat([a, b, a], axis)),
            tf.slice(a, begin),
            tf.pad(
              a,
              [
                [1, 0],
                [0, 2],
                [3, 1],
              ],
              7,
            ),
            tf.transpose(a, [2, 0, 1]),
            tf.transpose(a),
            tf.reshape(a, [-1]),
            tf.zerosLike(a),
            tf.onesLike(a),
            tf.fill(shape, 3),
          ];
        }),
      );
      expect(used).toEqual([]);
    },
  );

  it('sums over any axes', async () => {
    await expectSame([[3, 4, 5]], ([x]) => {
      const a = x as tf.Tensor;
      return [
        tf.sum(a),
        tf.sum(a, 0),
        tf.sum(a, 1, true),
        tf.sum(a, [0, 1]),
        tf.sum(a, [0, 2]),
        tf.sum(a, -1),
      ];
    });
  });
});

describe('a kernel that is missing', () => {
  it('runs on the cpu backend, and is counted', async () => {
    const used = await fallbacks(() =>
      expectSame(
        [
          [4, 5],
          [4, 5],
        ],
        ([x, y]) => {
          const [a, b] = [x as tf.Tensor, y as tf.Tensor];
          return [tf.softmax(a), tf.tanh(b), tf.cast(tf.greater(a, b), 'float32'), ...tf.unstack(a)];
        },
      ),
    );
    expect(used).toEqual(expect.arrayContaining(['Softmax', 'Tanh', 'Greater', 'Cast', 'Unpack']));
  });

  it('leaves other types right', async () => {
    await startBackend({ backend: 'murmur' });
    const got = freeing(() => {
      const a = tf.tensor([1, 2, 3], [3], 'int32');
      const words = tf.tensor(['a', 'bc']);
      return [
        [...tf.add(a, a).dataSync()],
        [...tf.cast(a, 'float32').dataSync()],
        [...tf.concat([words, words]).dataSync()],
      ];
    });
    expect(got).toEqual([
      [2, 4, 6],
      [1, 2, 3],
      ['a', 'bc', 'a', 'bc'],
    ]);
  });
});

it('keeps no tensor and no byte', async () => {
  await startBackend({ backend: 'murmur' });
  const work = () =>
    freeing(() => void tf.softmax(tf.reshape(tf.matMul(tf.ones([9, 5]), tf.ones([5, 7])), [7, 9])).clone());
  work();
  const before = [tf.memory().numTensors, tf.memory().numDataBuffers, runningMurmur()?.pool.use()];
  for (let i = 0; i < 20; i++) work();
  expect([tf.memory().numTensors, tf.memory().numDataBuffers, runningMurmur()?.pool.use()]).toEqual(before);
});
