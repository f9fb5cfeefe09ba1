import * as tf from '@tensorflow/tfjs';
import { lastOf, type Tensor } from '../ops.ts';

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`. */
export const gatherRows = (x: Tensor, index: Int32Array): Tensor => tf.gather(x, tf.tensor1d(index, 'int32'));

/** Where the gradient of each row comes from, S being the number of places where rows are used. */
interface Origins {
  /** For each of R rows: the one place where it was used, S (zeros) if there is none, or S + 1 + j for the j-th of the sums. */
  readonly from: Int32Array;
  /** `[sums, most]`: the places of each row that was used more than once, S where there are no more. */
  readonly places: Int32Array;
  readonly sums: number;
}

/** A masking changes how often rows are used: with few lengths, few shaders are compiled. */
const powerOfTwo = (n: number): number => (n === 0 ? 0 : 2 ** Math.ceil(Math.log2(n)));

/** The inverse of `index`, which names each of `rows` rows any number of times. */
function originsOf(index: Int32Array, rows: number): Origins {
  const S = index.length;
  const uses = new Int32Array(rows);
  for (const row of index) uses[row] = (uses[row] as number) + 1;
  let repeated = 0;
  const from = Int32Array.from(uses, (count) => (count > 1 ? S + 1 + repeated++ : S));
  const sums = powerOfTwo(repeated);
  const most = repeated === 0 ? 0 : powerOfTwo(uses.reduce((a, b) => Math.max(a, b)));
  const places = new Int32Array(sums * most).fill(S);
  index.forEach((row, s) => {
    const left = uses[row] as number;
    const at = from[row] as number;
    if (at <= S) from[row] = s;
    else places[(at - S - 1) * most + left - 1] = s;
    uses[row] = left - 1;
  });
  return { from, places, sums };
}

/**
 * The gradient of `gatherRows` `[rows, D]`, given dy of S rows of D: rows used once are gathered back, those used more often are gathered and summed. No GPU
 * backend has a scatter that adds in a fixed order. Costs rows used often × the most uses of one: mask tokens of a batch.
 */
export function scatterRows(dy: Tensor, index: Int32Array, rows: number): Tensor {
  const { from, places, sums } = originsOf(index, rows);
  const width = lastOf(dy);
  const padded = tf.concat([tf.reshape(dy, [-1, width]), tf.zeros([1, width])], 0); // [S + 1, D]
  if (sums === 0) return gatherRows(padded, from);
  const summed = tf.sum(tf.reshape(gatherRows(padded, places), [sums, -1, width]), 1); // [sums, D]
  return gatherRows(tf.concat([padded, summed], 0), from);
}
