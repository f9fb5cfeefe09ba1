import { malformed, notFinite, wrongSize } from './codec.ts';
import { allFinite } from './float32.ts';
import { absoluteMaximum, ROUND } from './scaling.ts';
import type { Codec, Refusal } from './codec.ts';

const MAX_CODE = 127;

/**
 * Blocks of `block` values share one scale: scale = absmax / 127 in float32, code = round-half-even(value / scale),
 * value = code × scale. A block of zeros has scale 0. An error is at most half a scale (for magnitudes between 1e-37
 * and 3e38). Layout: the scales of all blocks as little-endian float32, then one signed byte a value.
 */
export function int8Blocks(id: string, block: number): Codec {
  const blockCount = (length: number) => Math.ceil(length / block);
  const codec: Codec = {
    id,
    encodedBytes: (length) => 4 * blockCount(length) + length,
    encode(values) {
      if (!allFinite(values)) throw notFinite(codec);
      const scales = new Float32Array(blockCount(values.length));
      const bytes = new Uint8Array(codec.encodedBytes(values.length));
      const codes = new Int8Array(bytes.buffer, scales.byteLength);
      for (let b = 0; b < scales.length; b++) {
        const [start, end] = [b * block, Math.min((b + 1) * block, values.length)];
        scales[b] = absoluteMaximum(values, start, end) / MAX_CODE;
        encodeBlock(values, codes, scales[b] as number, start, end);
      }
      bytes.set(new Uint8Array(scales.buffer));
      return bytes;
    },
    decode(bytes, length) {
      const refused = wrongSize(codec, bytes, length);
      if (refused) return refused;
      const scales = new Float32Array(new Uint8Array(bytes.subarray(0, 4 * blockCount(length))).buffer);
      const bad = scales.findIndex((scale) => !isScale(scale));
      if (bad >= 0) return badScale(codec, bad, scales[bad] as number);
      const codes = new Int8Array(bytes.buffer, bytes.byteOffset + scales.byteLength, length);
      return { kind: 'decoded', values: decodeBlocks(codes, scales, block) };
    },
  };
  return codec;
}

/** What travels by default. */
export const int8 = int8Blocks('int8', 4096);

function encodeBlock(
  values: Float32Array,
  codes: Int8Array,
  scale: number,
  start: number,
  end: number,
): void {
  if (scale === 0) return;
  for (let i = start; i < end; i++) {
    const code = (values[i] as number) / scale + ROUND - ROUND;
    // Only where the scale itself is subnormal can a code leave the range.
    codes[i] = code > MAX_CODE ? MAX_CODE : code < -MAX_CODE ? -MAX_CODE : code;
  }
}

function decodeBlocks(codes: Int8Array, scales: Float32Array, block: number): Float32Array {
  const values = new Float32Array(codes.length);
  for (let b = 0; b < scales.length; b++) {
    const scale = scales[b] as number;
    const end = Math.min((b + 1) * block, codes.length);
    for (let i = b * block; i < end; i++) values[i] = (codes[i] as number) * scale;
  }
  return values;
}

/** A scale that makes finite values only, whatever the codes (−128 included). */
const isScale = (scale: number): boolean => scale >= 0 && Number.isFinite(Math.fround(128 * scale));

const badScale = (codec: Codec, block: number, scale: number): Refusal =>
  malformed(codec, `block ${block} has scale ${scale}`, 'non-finite');
