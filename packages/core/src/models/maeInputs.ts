/** Everything of a step that needs no gradient, made in plain JavaScript before anything reaches the tensor library. */
import type { Masking } from '../nn/masking.ts';
import { patchify, unpatchify, type PatchGeometry } from '../nn/patchify.ts';
import { gridSize, patchWidth, type EncoderConfig, type MaeConfig } from './config.ts';

/** The rows that the encoder reads: V patches a picture, in the order of `ids`. */
export interface EncoderInputs {
  readonly batch: number;
  /** V */
  readonly visible: number;
  /** `[B·V, p·p·C]` */
  readonly patches: Float32Array;
  /** Rows of the position table `[1 + N, D]`: `[B · (1 + V)]`, or `[1 + V]` where all pictures share them; row 0 is the class token's. */
  readonly places: Int32Array;
}

const geometryOf = (config: EncoderConfig, batch: number): PatchGeometry => ({
  batch,
  height: config.imageSize,
  width: config.imageSize,
  channels: config.numChannels,
  patch: config.patchSize,
});

/** Normalised pixels `[B, side, side, C]` → patches `[B, N, p·p·C]`. */
export const toPatches = (config: EncoderConfig, pixels: Float32Array): Float32Array =>
  patchify(pixels, geometryOf(config, pixels.length / (config.imageSize ** 2 * config.numChannels)));

/** The inverse of `toPatches`. */
export const toPixels = (config: EncoderConfig, patches: Float32Array): Float32Array =>
  unpatchify(patches, geometryOf(config, patches.length / (config.imageSize ** 2 * config.numChannels)));

/** Picks the patches `ids` `[B, V]` of `patches` `[B, N, p·p·C]` with their positions. */
export function encoderInputs(
  config: EncoderConfig,
  patches: Float32Array,
  ids: Int32Array,
  batch: number,
): EncoderInputs {
  const width = patchWidth(config);
  const visible = ids.length / batch;
  const N = patches.length / batch / width;
  const rows = new Float32Array(ids.length * width);
  const places = new Int32Array(batch * (1 + visible));
  ids.forEach((id, s) => {
    const b = Math.floor(s / visible);
    const patch = (b * N + id) * width;
    rows.set(patches.subarray(patch, patch + width), s * width);
    places[s + b + 1] = 1 + id;
  });
  return { batch, visible, patches: rows, places };
}

/** Every patch of `patches` `[B, N, p·p·C]`, nothing hidden. */
export function wholeInputs(config: EncoderConfig, patches: Float32Array): EncoderInputs {
  const visible = gridSize(config) ** 2;
  const batch = patches.length / visible / patchWidth(config);
  return { batch, visible, patches, places: Int32Array.from({ length: 1 + visible }, (_, i) => i) };
}

/** Row order that puts a class token, stored behind all `B·V` rows, before each picture's V rows: `[B · (1 + V)]`. */
export function withClassToken(batch: number, visible: number): Int32Array {
  const tokens = 1 + visible;
  return Int32Array.from({ length: batch * tokens }, (_, i) =>
    i % tokens === 0 ? batch * visible : Math.floor(i / tokens) * visible + (i % tokens) - 1,
  );
}

/**
 * What the decoder's first block reads, each row once: the encoder's `B·(1 + V)` rows, then a mask token for each of the N
 * places, which is the same for all pictures.
 */
export interface DecoderRows {
  /** Row of the position table `[1 + N, D]` for each of the `B·(1 + V) + N` rows. */
  readonly places: Int32Array;
  /** The row that each token is, pictures in the order of their patches: `[B · (1 + N)]`. */
  readonly tokens: Int32Array;
}

export function decoderRows({ batch, patches, lenKeep, idsKeep, idsRestore }: Masking): DecoderRows {
  const encoded = 1 + lenKeep;
  const places = new Int32Array(batch * encoded + patches);
  const tokens = new Int32Array(batch * (1 + patches));
  for (let b = 0; b < batch; b++) {
    for (let rank = 0; rank < lenKeep; rank++)
      places[b * encoded + 1 + rank] = 1 + (idsKeep[b * lenKeep + rank] as number);
    tokens[b * (1 + patches)] = b * encoded;
    for (let n = 0; n < patches; n++) {
      const rank = idsRestore[b * patches + n] as number;
      const row = rank < lenKeep ? b * encoded + 1 + rank : batch * encoded + n;
      tokens[b * (1 + patches) + 1 + n] = row;
    }
  }
  for (let n = 0; n < patches; n++) places[batch * encoded + n] = 1 + n;
  return { places, tokens };
}

/** The patches that were removed, as rows of `[B·N]`. */
export function removedPatches({ mask, batch, patches, lenKeep }: Masking): Int32Array {
  const removed = new Int32Array(batch * (patches - lenKeep));
  let count = 0;
  mask.forEach((gone, patch) => {
    if (gone === 1) removed[count++] = patch;
  });
  return removed;
}

/** Rows of `values` `[R, width]`. */
export function rowsOf(values: Float32Array, rows: Int32Array, width: number): Float32Array {
  const out = new Float32Array(rows.length * width);
  rows.forEach((row, i) => out.set(values.subarray(row * width, (row + 1) * width), i * width));
  return out;
}

/** What the decoder must predict: the patches, or each normalised by its own mean and unbiased deviation. */
export function targetOf(config: MaeConfig, patches: Float32Array): Float32Array {
  if (!config.normPixLoss) return patches;
  const width = patchWidth(config);
  const target = new Float32Array(patches.length);
  for (let start = 0; start < patches.length; start += width) {
    const patch = patches.subarray(start, start + width);
    const { mean, deviation } = patchStatistics(patch);
    patch.forEach((value, i) => (target[start + i] = (value - mean) / deviation));
  }
  return target;
}

/** Mean and `sqrt(unbiased variance + 1e-6)` of one patch (He et al. 2022, `forward_loss`). */
export function patchStatistics(patch: Float32Array): { mean: number; deviation: number } {
  let sum = 0;
  for (const value of patch) sum += value;
  const mean = sum / patch.length;
  let squares = 0;
  for (const value of patch) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (patch.length - 1) + 1e-6) };
}
