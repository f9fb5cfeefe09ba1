import { key, split, uniform, type Key } from '../random/key.ts';
import type { Pictures } from './pictures.ts';

/** Pictures of random values, the same for the same seed. */
export const noisyPictures = (count: number, side: number, channels: number, seed = 1): Pictures => ({
  side,
  channels,
  values: uniform(key(seed), count * side * side * channels),
});

export const keysOf = (count: number, seed = 2): Key[] => split(key(seed), count);

/** The largest distance between two values at the same place. */
export const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? NaN))), 0);

/** Picture i alone. */
export const pictureAt = ({ side, channels, values }: Pictures, i: number): Float32Array =>
  values.subarray(i * side ** 2 * channels, (i + 1) * side ** 2 * channels);

/** Which of the pictures a transform changed. */
export const changed = (before: Pictures, after: Pictures, count: number): boolean[] =>
  Array.from({ length: count }, (_, i) => {
    const made = pictureAt(after, i);
    return pictureAt(before, i).some((value, k) => value !== made[k]);
  });

/** Pearson's statistic of counts that are expected to be alike. */
export function chiSquare(counts: readonly number[]): number {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

/** Kolmogorov and Smirnov's: the greatest distance between the shares of values seen and expected below any value. */
export function ksDistance(values: readonly number[], below: (value: number) => number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((most, value, i) => {
    const expected = below(value);
    const [from, to] = [i / sorted.length, (i + 1) / sorted.length];
    return Math.max(most, Math.abs(expected - from), Math.abs(expected - to));
  }, 0);
}
