import { fold, uniformStream, type Key } from '../random/key.ts';

/** A batch of square pictures. */
export interface Pictures {
  readonly side: number;
  readonly channels: number;
  /** `[B, side, side, C]`, from 0 to 1. */
  readonly values: Float32Array;
}

/** Makes new pictures of old ones. Picture i draws from key i alone: what else is in the batch does not matter. */
export type Transform = (pictures: Pictures, keys: readonly Key[]) => Pictures;

/** Numbers in [0, 1). */
export type Uniform = () => number;

export const between = (next: Uniform, low: number, high: number): number => low + (high - low) * next();

/** One transform after the other, each with keys of its own. */
export const compose =
  (transforms: readonly Transform[]): Transform =>
  (pictures, keys) =>
    transforms.reduce((some, transform, i) => transform(some, keys.map((key) => fold(key, i))), pictures); // prettier-ignore

/** Changes each picture `[side, side, C]` in place, by a key of its own; the batch itself is copied first. */
export function everyPicture(change: (picture: Float32Array, key: Key, shape: Pictures) => void): Transform {
  return (pictures, keys) => {
    const values = pictures.values.slice();
    const size = pictures.side ** 2 * pictures.channels;
    keys.forEach((key, i) => change(values.subarray(i * size, (i + 1) * size), key, pictures));
    return { ...pictures, values };
  };
}

/** `everyPicture` with the given probability. */
export const randomly = (
  probability: number,
  change: (picture: Float32Array, next: Uniform, shape: Pictures) => void,
): Transform =>
  everyPicture((picture, key, shape) => {
    const next = uniformStream(key);
    if (next() < probability) change(picture, next, shape);
  });
