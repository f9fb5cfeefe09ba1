import { between, randomly, type Transform } from './pictures.ts';

export interface BlurOptions {
  readonly probability: number;
  /** Least and greatest deviation, in pixels. */
  readonly sigma: readonly [number, number];
}

/** Chen et al. 2020, appendix A: the kernel is a tenth of the picture wide, and odd. */
export const blurRadius = (side: number): number => Math.floor(Math.floor(side / 10) / 2);

/** Weights of `2·radius + 1` pixels, which sum to one. */
export function gaussianKernel(radius: number, sigma: number): Float32Array {
  const weights = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}

/** Where the pixels −radius … side − 1 + radius lie when the picture is mirrored at its outermost pixels. */
function mirrored(side: number, radius: number): Int32Array {
  return Int32Array.from({ length: side + 2 * radius }, (_, i) => {
    const at = Math.abs(i - radius);
    return at < side ? at : 2 * (side - 1) - at;
  });
}

interface Pass {
  readonly side: number;
  readonly channels: number;
  readonly kernel: Float32Array;
  readonly places: Int32Array;
}

/** Blurs along the rows of `from` and writes the result turned, so that two passes blur along both axes. */
function blurRows(from: Float32Array, to: Float32Array, { side, channels, kernel, places }: Pass): void {
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let k = 0; k < kernel.length; k++) {
          const at = (y * side + (places[x + k] as number)) * channels + c;
          sum += (kernel[k] as number) * (from[at] as number);
        }
        to[(x * side + y) * channels + c] = sum;
      }
    }
  }
}

/** Blurs a picture `[side, side, C]` in place, mirrored at its edges as torchvision's `gaussian_blur` does it. */
export function blur(
  picture: Float32Array,
  [side, channels]: readonly [number, number],
  kernel: Float32Array,
): void {
  const places = mirrored(side, (kernel.length - 1) / 2);
  const turned = new Float32Array(picture.length);
  const pass = { side, channels, kernel, places };
  blurRows(picture, turned, pass);
  blurRows(turned, picture, pass);
}

export const gaussianBlur = ({ probability, sigma }: BlurOptions): Transform =>
  randomly(probability, (picture, next, { side, channels }) =>
    blur(picture, [side, channels], gaussianKernel(blurRadius(side), between(next, ...sigma))),
  );
