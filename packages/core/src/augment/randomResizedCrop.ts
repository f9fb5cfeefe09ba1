import { uniformStream } from '../random/key.ts';
import { between, type Pictures, type Transform, type Uniform } from './pictures.ts';

/** Part of a picture, in whole pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface CropOptions {
  /** Least and greatest share of the picture's area. */
  readonly scale: readonly [number, number];
  /** Least and greatest width over height, even in the logarithm. */
  readonly ratio: readonly [number, number];
}

/** Tries before the whole picture is taken. */
const TRIES = 10;

/** A box inside a picture, drawn as torchvision's `RandomResizedCrop.get_params` does it. */
export function randomBox(next: Uniform, side: number, { scale, ratio }: CropOptions): Box {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = side ** 2 * between(next, ...scale);
    const aspect = Math.exp(between(next, Math.log(ratio[0]), Math.log(ratio[1])));
    const width = Math.round(Math.sqrt(area * aspect));
    const height = Math.round(Math.sqrt(area / aspect));
    if (width < 1 || height < 1 || width > side || height > side) continue;
    const left = Math.floor(next() * (side - width + 1));
    return { left, top: Math.floor(next() * (side - height + 1)), width, height };
  }
  return { left: 0, top: 0, width: side, height: side };
}

/** For each pixel along one axis of the result: the two pixels it lies between, and the share of the second. */
interface Taps {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly share: Float32Array;
}

const newTaps = (side: number): Taps => ({
  low: new Int32Array(side),
  high: new Int32Array(side),
  share: new Float32Array(side),
});

/** Pixel centres of `side` pixels over `length` ones that begin at `start`; nothing beyond them is read. */
function setTaps({ low, high, share }: Taps, start: number, length: number): void {
  const step = length / low.length;
  for (let i = 0; i < low.length; i++) {
    const at = Math.min(Math.max((i + 0.5) * step - 0.5, 0), length - 1);
    const floor = Math.floor(at);
    low[i] = start + floor;
    high[i] = start + Math.min(floor + 1, length - 1);
    share[i] = at - floor;
  }
}

interface Sampling {
  readonly columns: Taps;
  readonly rows: Taps;
  readonly channels: number;
}

/** Fills `to` with what the taps read from `from`, both `[side, side, C]`. */
function sample(from: Float32Array, to: Float32Array, { columns, rows, channels }: Sampling): void {
  const side = rows.low.length;
  let at = 0;
  for (let y = 0; y < side; y++) {
    const above = (rows.low[y] as number) * side;
    const below = (rows.high[y] as number) * side;
    const down = rows.share[y] as number;
    for (let x = 0; x < side; x++) {
      const [low, high] = [columns.low[x] as number, columns.high[x] as number];
      const [a, b] = [(above + low) * channels, (above + high) * channels];
      const [c, d] = [(below + low) * channels, (below + high) * channels];
      const right = columns.share[x] as number;
      for (let k = 0; k < channels; k++) {
        const upper = (from[a + k] as number) * (1 - right) + (from[b + k] as number) * right;
        const lower = (from[c + k] as number) * (1 - right) + (from[d + k] as number) * right;
        to[at++] = upper * (1 - down) + lower * down;
      }
    }
  }
}

/** Picture i cut to box i and enlarged to its old size, bilinearly between pixel centres. */
export function resizedCrops(pictures: Pictures, boxes: readonly Box[]): Pictures {
  const { side, channels, values } = pictures;
  const size = side ** 2 * channels;
  const out = new Float32Array(values.length);
  const sampling = { columns: newTaps(side), rows: newTaps(side), channels };
  boxes.forEach(({ left, top, width, height }, i) => {
    setTaps(sampling.columns, left, width);
    setTaps(sampling.rows, top, height);
    const [start, end] = [i * size, (i + 1) * size];
    sample(values.subarray(start, end), out.subarray(start, end), sampling);
  });
  return { ...pictures, values: out };
}

/** A random part of each picture at full size (Szegedy et al. 2015; Chen et al. 2020, appendix A). */
export const randomResizedCrop =
  (options: CropOptions): Transform =>
  (pictures, keys) =>
    resizedCrops(
      pictures,
      keys.map((key) => randomBox(uniformStream(key), pictures.side, options)),
    );
