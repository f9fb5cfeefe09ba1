import { greyAt } from './greyscale.ts';

/** Blends an RGB picture with the mean of its grey in place; 1 changes nothing (torchvision, `adjust_contrast`). */
export function adjustContrast(picture: Float32Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < picture.length; i += 3) sum += greyAt(picture, i);
  const offset = (1 - factor) * (sum / (picture.length / 3));
  for (let i = 0; i < picture.length; i++) {
    picture[i] = Math.min(1, Math.max(0, factor * (picture[i] as number) + offset));
  }
}
