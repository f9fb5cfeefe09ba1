import * as tf from '@tensorflow/tfjs';
import { lastOf, type Tensor } from '../ops.ts';

/** Rows of x `[R, D]` in the order of `index`: `[S, D]`. */
export const gatherRows = (x: Tensor, index: Int32Array): Tensor => tf.gather(x, tf.tensor1d(index, 'int32'));

/** Where the gradient of each row comes from. */
interface Origins {
  /** For each of R rows: the one place `s` where it was used; S + j, the j-th of the sums; or the zeros behind those. */
  readonly from: Int32Array;
  /** `[sums, S]` of 0 and 1: the places of each row that was used more than once. */
  readonly places: Float32Array;
  readonly sums: number;
}

/** The inverse of `index`, which names each of `rows` rows any number of times. */
function originsOf(index: Int32Array, rows: number): Origins {
  const uses = new Int32Array(rows);
  for (const row of index) uses[row] = (uses[row] as number) + 1;
  const S = index.length;
  let sums = 0;
  const from = Int32Array.from(uses, (count) => (count > 1 ? S + sums++ : 0));
  const places = new Float32Array(sums * S);
  index.forEach((row, s) => {
    if (uses[row] === 1) from[row] = s;
    else places[((from[row] as number) - S) * S + s] = 1;
  });
  uses.forEach((count, row) => {
    if (count === 0) from[row] = S + sums;
  });
  return { from, places, sums };
}

/**
 * The gradient of `gatherRows`: rows used once are gathered back, those used more often summed by a product with zeros and
 * ones, for which they must be few (a class token, a mask token). GPUs have no scatter that adds and is exact.
 */
export function scatterRows(dy: Tensor, index: Int32Array, rows: number): Tensor {
  const { from, places, sums } = originsOf(index, rows);
  const sources = [dy];
  if (sums > 0) sources.push(tf.matMul(tf.tensor2d(places, [sums, index.length]), dy));
  if (from.includes(index.length + sums)) sources.push(tf.zeros([1, lastOf(dy)]));
  return gatherRows(tf.concat(sources, 0), from);
}
