import { lowerMedian } from './median.ts';
import { lengthOfRow, type Row } from './row.ts';

/**
 * By what each row must be scaled so that none is longer than `most` times the lower median length; exactly 1 where
 * it is not. Rows of zeros have no say in that median: else one free rider of two would stop the other.
 */
export function clipFactors(rows: readonly Row[], most: number): number[] {
  const lengths = rows.map(lengthOfRow);
  const longest = most * lowerMedian(lengths.filter((length) => length > 0));
  return lengths.map((length) => (length <= longest ? 1 : longest / length));
}

/** The rows, none longer than `most` times the lower median length (AG2). */
export function clipNorms(rows: readonly Row[], most: number): Row[] {
  const factors = clipFactors(rows, most);
  return rows.map(({ values, scale }, i) => ({ values, scale: scale * (factors[i] as number) }));
}
