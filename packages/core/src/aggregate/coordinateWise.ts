/** Rules that look at one coordinate at a time: no few contributions can move any beyond the range of the others. */
import { lengthOf, type Row } from './row.ts';

/**
 * `sorted[0..count)` in ascending order by insertion: of at most 16 values, and without allocating, this beats every
 * other sort.
 */
function insert(sorted: Float64Array, count: number, value: number): void {
  let at = count;
  for (; at > 0 && (sorted[at - 1] as number) > value; at--) sorted[at] = sorted[at - 1] as number;
  sorted[at] = value;
}

/**
 * The mean of each coordinate without the `trim` least and the `trim` largest values (Yin et al. 2018, definition 2).
 * As long as at most `trim` rows are bad, each coordinate lies in the range of the good ones. The order of the rows
 * does not matter, not even to the last bit. Throws when nothing would be left.
 */
export function trimmedMean(rows: readonly Row[], trim: number): Float32Array {
  const count = rows.length;
  if (!(trim >= 0 && 2 * trim < count))
    throw new Error(`trimmedMean: expected to trim less than half of ${count} rows, received ${trim} a side`);
  const result = new Float32Array(lengthOf(rows));
  const sorted = new Float64Array(count);
  for (let j = 0; j < result.length; j++) {
    for (let i = 0; i < count; i++) {
      const row = rows[i] as Row;
      insert(sorted, i, row.scale * (row.values[j] as number));
    }
    let sum = 0;
    for (let i = trim; i < count - trim; i++) sum += sorted[i] as number;
    result[j] = sum / (count - 2 * trim);
  }
  return result;
}

/**
 * The median of each coordinate (Yin et al. 2018, definition 1), of an even number the mean of the two in the middle:
 * the trimmed mean that trims all it can.
 */
export const coordinateMedian = (rows: readonly Row[]): Float32Array =>
  trimmedMean(rows, Math.floor((rows.length - 1) / 2));
