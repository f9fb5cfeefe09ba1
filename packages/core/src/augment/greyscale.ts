import { randomly, type Transform } from './pictures.ts';

/** Shares of red, green and blue in the grey of a pixel (ITU-R BT.601, as torchvision rounds them). */
const [RED, GREEN, BLUE] = [0.2989, 0.587, 0.114];

/** The grey of the RGB pixel that begins at `i`. */
export const greyAt = (picture: Float32Array, i: number): number =>
  RED * (picture[i] as number) + GREEN * (picture[i + 1] as number) + BLUE * (picture[i + 2] as number);

/** Takes the colour out of an RGB picture `[side, side, 3]` in place. */
export function removeColour(picture: Float32Array): void {
  for (let i = 0; i < picture.length; i += 3) {
    const grey = greyAt(picture, i);
    picture[i] = grey;
    picture[i + 1] = grey;
    picture[i + 2] = grey;
  }
}

export const randomGreyscale = (probability: number): Transform => randomly(probability, removeColour);
