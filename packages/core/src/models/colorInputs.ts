/** What a colorizer is shown and asked of pictures, made in plain JavaScript before anything reaches the tensor library. */
import { decodeGamma, greyOf, labOfLight } from '../nn/lab.ts';
import { gridSize, patchCount, type ColorizeConfig } from './config.ts';

export interface ColorInputs {
  /** `[B·side·side]`, L of each pixel, 0 to 100. */
  readonly lightness: Float32Array;
  /** `[B, side, side, 3]` from 0 to 1: for each pixel the grey of its lightness, three times. */
  readonly grey: Float32Array;
  /** `[B·N·S, 2]`, mean a and b of each cell: patches row by row, in each its S cells row by row. */
  readonly cellColours: Float32Array;
}

/** S, the cells of a patch. */
export const cellsPerPatch = ({ cellsPerSide }: ColorizeConfig): number => cellsPerSide ** 2;

/** The cell of each pixel of a picture, `[side·side]`, counted as in `cellColours`. */
export function cellOfPixel(config: ColorizeConfig): Int32Array {
  const { imageSize: side, patchSize, cellsPerSide } = config;
  const cellWithin = (at: number): number => Math.floor(((at % patchSize) * cellsPerSide) / patchSize);
  return Int32Array.from({ length: side ** 2 }, (_, i) => {
    const [row, column] = [Math.floor(i / side), i % side];
    const patch = Math.floor(row / patchSize) * gridSize(config) + Math.floor(column / patchSize);
    return (patch * cellsPerSide + cellWithin(row)) * cellsPerSide + cellWithin(column);
  });
}

/** Of pictures uint8 `[B, side, side, 3]`. */
export function colorInputs(config: ColorizeConfig, pictures: Uint8Array): ColorInputs {
  const light = Float64Array.from({ length: 256 }, (_, value) => decodeGamma(value / 255));
  const lightOf = (i: number): number => light[pictures[i] as number] as number;
  const cellOf = cellOfPixel(config);
  const [pixels, area] = [pictures.length / 3, cellOf.length];
  const cells = patchCount(config) * cellsPerPatch(config);
  const lightness = new Float32Array(pixels);
  const grey = new Float32Array(pictures.length);
  const cellColours = new Float32Array((2 * cells * pixels) / area);
  for (let i = 0; i < pixels; i++) {
    const [L, a, b] = labOfLight(lightOf(3 * i), lightOf(3 * i + 1), lightOf(3 * i + 2));
    lightness[i] = L;
    grey.fill(greyOf(L), 3 * i, 3 * i + 3);
    const at = 2 * (Math.floor(i / area) * cells + (cellOf[i % area] as number));
    cellColours[at] = (cellColours[at] as number) + (a * cells) / area;
    cellColours[at + 1] = (cellColours[at + 1] as number) + (b * cells) / area;
  }
  return { lightness, grey, cellColours };
}
