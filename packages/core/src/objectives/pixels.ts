import type { PixelStatistics } from '../models/modelSpec.ts';

/** uint8 pixels `[…, C]` as the model sees them: `(pixel / 255 − mean) / std` by channel. */
export function normalisePixels(pixels: Uint8Array, { mean, std }: PixelStatistics): Float32Array {
  const channels = mean.length;
  const tables = mean.map((m, c) =>
    Float32Array.from({ length: 256 }, (_, v) => (v / 255 - m) / (std[c] as number)),
  );
  const out = new Float32Array(pixels.length);
  for (let c = 0; c < channels; c++) {
    const table = tables[c] as Float32Array;
    for (let i = c; i < pixels.length; i += channels) out[i] = table[pixels[i] as number] as number;
  }
  return out;
}

/** uint8 pixels as numbers from 0 to 1. */
export function unitPixels(pixels: Uint8Array): Float32Array {
  const out = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) out[i] = (pixels[i] as number) / 255;
  return out;
}

/** The inverse of `unitPixels`, rounded and kept within 0..255. */
export const bytePixels = (units: Float32Array): Uint8Array =>
  new Uint8Array(Uint8ClampedArray.from(units, (unit) => unit * 255).buffer);

/** Numbers from 0 to 1 `[…, C]` as the model sees them: `(unit − mean) / std` by channel. */
export function normaliseUnits(units: Float32Array, { mean, std }: PixelStatistics): Float32Array {
  const channels = mean.length;
  const out = new Float32Array(units.length);
  for (let c = 0; c < channels; c++) {
    const [offset, scale] = [mean[c] as number, 1 / (std[c] as number)];
    for (let i = c; i < units.length; i += channels) out[i] = ((units[i] as number) - offset) * scale;
  }
  return out;
}

/** The inverse of `normalisePixels`, rounded and kept within 0..255. */
export function denormalisePixels(values: Float32Array, { mean, std }: PixelStatistics): Uint8Array {
  const channels = mean.length;
  const clamped = Uint8ClampedArray.from(values, (value, i) => {
    const c = i % channels;
    return (value * (std[c] as number) + (mean[c] as number)) * 255;
  });
  return new Uint8Array(clamped.buffer);
}
