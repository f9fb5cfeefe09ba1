import { randomly, type Transform } from './pictures.ts';

/** Turns a picture `[side, side, C]` left to right in place. */
export function flip(picture: Float32Array, side: number, channels: number): void {
  for (let row = 0; row < side; row++) {
    for (let left = 0, right = side - 1; left < right; left++, right--) {
      for (let c = 0; c < channels; c++) {
        const [a, b] = [(row * side + left) * channels + c, (row * side + right) * channels + c];
        const kept = picture[a] as number;
        picture[a] = picture[b] as number;
        picture[b] = kept;
      }
    }
  }
}

export const horizontalFlip = (probability: number): Transform =>
  randomly(probability, (picture, _, { side, channels }) => flip(picture, side, channels));
