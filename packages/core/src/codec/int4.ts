import { malformed, notFinite, wrongSize } from './codec.ts';
import { allFinite } from './float32.ts';
import { halfFrom, HALVES, MOST_HALF } from './half.ts';
import { absoluteMaximum, ROUND } from './scaling.ts';
import type { Codec, Refusal } from './codec.ts';

const BLOCK = 64;
const MOST_CODE = 7;
/** The nibble of −8, which is never written. */
const NEVER = 8;

const blockCount = (length: number): number => Math.ceil(length / BLOCK);

/**
 * Blocks of 64 values share one scale, the least half that is no less than absmax / 7; code = round-half-even(value /
 * scale), from −7 to 7; value = code × scale. An error is at most half a scale, for magnitudes up to 458,528; the least
 * scale is 2⁻²⁴. Layout: the scales of all blocks as little-endian halves, then two codes a byte, the first in the low
 * four bits. 0.53125 bytes a value.
 */
export const int4: Codec = {
  id: 'int4',
  feedback: 1,
  encodedBytes: (length) => 2 * blockCount(length) + Math.ceil(length / 2),
  encode(values) {
    if (!allFinite(values)) throw notFinite(int4);
    const { length } = values;
    const scales = new Uint16Array(blockCount(length));
    const bytes = new Uint8Array(int4.encodedBytes(length));
    const codes = bytes.subarray(scales.byteLength);
    for (let b = 0; b < scales.length; b++) {
      const [start, end] = [b * BLOCK, Math.min((b + 1) * BLOCK, length)];
      const scale = halfFrom(absoluteMaximum(values, start, end) / MOST_CODE);
      scales[b] = scale;
      if (scale > 0) encodeBlock(values, codes, HALVES[scale] as number, start, end);
    }
    bytes.set(new Uint8Array(scales.buffer));
    return bytes;
  },
  decode(bytes, length) {
    const refused = wrongSize(int4, bytes, length);
    if (refused) return refused;
    const scales = new Uint16Array(new Uint8Array(bytes.subarray(0, 2 * blockCount(length))).buffer);
    const codes = bytes.subarray(scales.byteLength);
    if (length % 2 === 1 && (codes[codes.length - 1] as number) > 15)
      return malformed(int4, 'padding is set');
    const values = new Float32Array(length);
    for (let b = 0; b < scales.length; b++) {
      const bad = decodeBlock(codes, values, scales[b] as number, b);
      if (bad) return bad;
    }
    return { kind: 'decoded', values };
  },
};

function encodeBlock(
  values: Float32Array,
  codes: Uint8Array,
  scale: number,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i += 2) {
    const second = i + 1 < end ? nibbleOf((values[i + 1] as number) / scale) : 0;
    codes[i >> 1] = nibbleOf((values[i] as number) / scale) | (second << 4);
  }
}

/** Only where the scale is the largest half can a code leave the range. */
function nibbleOf(scaled: number): number {
  const code = scaled + ROUND - ROUND;
  return (code > MOST_CODE ? MOST_CODE : code < -MOST_CODE ? -MOST_CODE : code) & 15;
}

function decodeBlock(codes: Uint8Array, values: Float32Array, half: number, b: number): Refusal | undefined {
  if (half > MOST_HALF) return malformed(int4, `block ${b} has scale ${HALVES[half]}`, 'non-finite');
  const scale = HALVES[half] as number;
  const [start, end] = [b * BLOCK, Math.min((b + 1) * BLOCK, values.length)];
  let [any, never] = [0, false];
  for (let i = start; i < end; i += 2) {
    const byte = codes[i >> 1] as number;
    any |= byte;
    never ||= (byte & 15) === NEVER || byte >> 4 === NEVER;
    values[i] = ((byte << 28) >> 28) * scale;
    if (i + 1 < end) values[i + 1] = ((byte << 24) >> 28) * scale;
  }
  if (never) return malformed(int4, `block ${b} has a code of −8`);
  return any !== 0 && half === 0
    ? malformed(int4, `block ${b} has scale 0 and codes that are not`)
    : undefined;
}
