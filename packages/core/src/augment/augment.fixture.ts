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
