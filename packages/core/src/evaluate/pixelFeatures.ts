import type { Matrix } from './rowProducts.ts';

export interface PictureShape {
  readonly side: number;
  readonly channels: number;
}

/** Beyond this the probe on raw pixels would take longer than a whole run is worth. */
const MAX_SIDE = 32;

/**
 * Raw pixels as features `[count, side'·side'·C]`, the baseline every encoder must beat: pictures uint8
 * `[count, side, side, C]` scaled to [0, 1]. Larger pictures are averaged over squares until 32 or fewer a side
 * remain; where the side has no divisor that does, the last squares are smaller.
 */
export function pixelFeatures(pictures: Uint8Array, { side, channels }: PictureShape): Matrix {
  const square = Math.ceil(side / MAX_SIDE);
  const small = Math.ceil(side / square);
  const pictureSize = side * side * channels;
  const width = small * small * channels;
  const rows = pictures.length / pictureSize;
  const values = new Float32Array(rows * width);
  const weight = poolWeights(side, square);
  for (let i = 0; i < pictures.length; i++) {
    const position = Math.floor((i % pictureSize) / channels);
    const [x, y] = [position % side, Math.floor(position / side)];
    const cell = Math.floor(y / square) * small + Math.floor(x / square);
    const slot = Math.floor(i / pictureSize) * width + cell * channels + (i % channels);
    const share = (weight[x] as number) * (weight[y] as number);
    values[slot] = (values[slot] as number) + ((pictures[i] as number) / 255) * share;
  }
  return { values, rows, width };
}

/** For each column: one over the number of columns averaged with it. */
const poolWeights = (side: number, square: number): number[] =>
  Array.from({ length: side }, (_, x) => 1 / Math.min(square, side - Math.floor(x / square) * square));
