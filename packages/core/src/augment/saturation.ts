import { greyAt } from './greyscale.ts';

/** Blends an RGB picture with its grey in place; 1 changes nothing, 0 leaves grey (torchvision, `adjust_saturation`). */
export function adjustSaturation(picture: Float32Array, factor: number): void {
  for (let i = 0; i < picture.length; i += 3) {
    const offset = (1 - factor) * greyAt(picture, i);
    for (let c = i; c < i + 3; c++) {
      picture[c] = Math.min(1, Math.max(0, factor * (picture[c] as number) + offset));
    }
  }
}
