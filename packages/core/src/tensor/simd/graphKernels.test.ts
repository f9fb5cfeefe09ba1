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

  it('adds up long rows without losing digits', async () => {
    await startBackend({ backend: 'murmur' });
    const total = freeing(() => tf.sum(tf.fill([300_001], 0.1)).dataSync()[0] as number);
    expect(Math.abs(total / (300_001 * Math.fround(0.1)) - 1)).toBeLessThan(1e-6);
  });
});

describe('what softmax and losses are made of', () => {
  const matrices = [
    [1, 1],
    [3, 1],
    [1, 7],
    [5, 4],
    [2, 65],
    [9, 19],
    [0, 3],
  ];
  it.each(matrices)('of %i×%i, without help', async (rows, width) => {
    const used = await fallbacks(() =>
      expectSame([[rows, width]], ([x]) => {
        const a = x as tf.Tensor2D;
        const none = rows === 0;
        const positive = tf.add(tf.square(a), 0.5);
        return [
          tf.softmax(a),
          tf.exp(tf.mul(a, 30)),
          tf.log(positive),
          tf.sqrt(positive),
          tf.rsqrt(positive),
          tf.neg(a),
          tf.relu(a),
          tf.abs(a),
          tf.tanh(a),
          ...(none
            ? []
            : [tf.max(a), tf.max(a, 0), tf.max(a, 1, true), tf.logSumExp(a, 1), tf.logSoftmax(a)]),
          ...(none ? [] : [tf.mean(a), tf.mean(a, 1, true), tf.sum(a, 1)]),
        ];
      }),
    );
    expect(used.filter((name) => rows > 0 || name !== 'Max')).toEqual([]);
  });

  it('reaches zero and infinity where e^x does', async () => {
    await startBackend({ backend: 'murmur' });
    const got = freeing(() => tf.exp(tf.tensor([-104, -88, 0, 88, 89, NaN, -Infinity, Infinity])).dataSync());
    expect([...got]).toEqual([0, 0, 1, expect.closeTo(1.6516363e38, -33), Infinity, NaN, 0, Infinity]);
  });

  it('gathers rows with a gradient, splits, and divides with any spreading', async () => {
    const used = await fallbacks(() =>
      expectSame(
        [
          [5, 6],
          [4, 1, 6],
          [5, 1],
        ],
        ([x, y, z]) => {
          const [a, b, c] = [x as tf.Tensor2D, y as tf.Tensor3D, z as tf.Tensor2D];
          const rows = tf.tensor1d([3, 0, 3, 4], 'int32');
          const gradient = tf.grad((t) =>
            tf
              .gather(t, rows)
              .mul(b.reshape([4, 6]))
              .sum(),
          );
          return [
            tf.gather(a, rows),
            gradient(a),
            ...tf.split(a, [1, 3, 2], 1),
            ...tf.split(a, 5, 0),
            tf.div(a, tf.add(b, 3)),
            tf.sub(a, b),
            tf.maximum(a, c),
            tf.minimum(c, a),
          ];
        },
      ),
    );
    expect(used).toEqual([]);
  });

  it('refuses to gather rows that are not there', async () => {
    await startBackend({ backend: 'murmur' });
    const far = () => freeing(() => void tf.gather(tf.ones([2, 3]), tf.tensor1d([2], 'int32')));
    expect(far).toThrow('the index 2 is out of bounds: expected 0 to 1');
  });

  it.each(Array.from({ length: 10 }, (_, i) => sizes(300 + i, 4, 4)))(
    'spreads %i×%i×%i×%i over its own axes in every way',
    async (...shape) => {
      for (let ones = 0; ones < 16; ones++) {
        const other = shape.map((size, axis) => ((ones >> axis) & 1 ? 1 : size));
        await expectSame([shape, other], ([x, y]) => [
          tf.add(x as tf.Tensor, y as tf.Tensor),
          tf.sub(y as tf.Tensor, x as tf.Tensor),
          tf.transpose(x as tf.Tensor, [3, 1, 0, 2]),
        ]);
      }
    },
  );
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
          return [tf.cumsum(a), tf.sin(b), tf.cast(tf.greater(a, b), 'float32'), ...tf.unstack(a)];
        },
      ),
    );
    expect(used).toEqual(expect.arrayContaining(['Cumsum', 'Sin', 'Greater', 'Cast', 'Unpack']));
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
