/** Multiplies a picture by `factor` in place; 1 changes nothing (torchvision, `adjust_brightness`). */
export function adjustBrightness(picture: Float32Array, factor: number): void {
  for (let i = 0; i < picture.length; i++) picture[i] = Math.min(1, factor * (picture[i] as number));
}
