const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** Of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const middle = Math.floor((sorted.length - 1) / 2);
  return ((sorted[middle] as number) + (sorted[sorted.length - 1 - middle] as number)) / 2;
}

/** Of an even number of values the lower of the two in the middle: half of them being too large does not raise it. */
export const lowerMedian = (values: readonly number[]): number =>
  ascending(values)[Math.floor((values.length - 1) / 2)] ?? 0;
