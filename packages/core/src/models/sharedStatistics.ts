import type { PixelStatistics } from './modelSpec.ts';

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean and deviation of the values of all channels together, for each channel the same. */
export function sharedStatistics({ mean, std }: PixelStatistics): PixelStatistics {
  const middle = meanOf(mean);
  const variance = meanOf(std.map((deviation, c) => deviation ** 2 + ((mean[c] as number) - middle) ** 2));
  return { mean: mean.map(() => middle), std: std.map(() => Math.sqrt(variance)) };
}
