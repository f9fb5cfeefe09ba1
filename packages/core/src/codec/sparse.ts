import { bitsOf, malformed, notFinite, wrongSize } from './codec.ts';
import { allFinite } from './float32.ts';
import { absoluteMaximum, ROUND } from './scaling.ts';
import { largestOf, type Largest } from './largest.ts';
import { keptOf, TOPK_BLOCK } from './topk.ts';
import type { Codec } from './codec.ts';

/** The mean of so many `topk` contributions fits, whichever values they keep. */
const CONTRIBUTIONS = 8;
const MOST_CODE = 127;
const SCALE_BYTES = 4;
/** The bits of the largest scale whose codes are all finite: the largest float32 by 128. */
const MOST_SCALE_BITS = 0x7bffffff;

interface Layout {
  /** How many values may be other than 0. */
  readonly room: number;
  /** Where the codes begin, and the block ends; the bitmap lies between scale and codes. */
  readonly codes: number;
  readonly bytes: number;
}

function layoutOf(length: number): Layout {
  const room = Math.min(length, CONTRIBUTIONS * keptOf(length));
  const codes = SCALE_BYTES + Math.ceil(length / 8);
  return { room, codes, bytes: codes + room };
}
const WHOLE = layoutOf(TOPK_BLOCK);

/**
 * The companion of `topk`, for the mean of up to eight of its contributions and for updates: of every 4096 values up to
 * 512, those of largest magnitude, of equals the first (of a shorter last block eight times what `topk` keeps), in int8
 * with one scale a block, absmax / 127; all others become 0. What is kept errs by at most half a scale (for magnitudes
 * between 1e-37 and 3e38), what is not by no more than the least kept magnitude. Layout of each block: the scale as
 * little-endian float32; a bitmap of the values that are not 0, low bits first; a signed byte for each of those, and
 * zeros up to as many as may be. 1028 bytes for 4096 values.
 */
export const sparse: Codec = {
  id: 'sparse',
  encodedBytes(length) {
    const rest = length % TOPK_BLOCK;
    const whole = ((length - rest) / TOPK_BLOCK) * WHOLE.bytes;
    return rest === 0 ? whole : whole + layoutOf(rest).bytes;
  },
  encode(values) {
    if (!allFinite(values)) throw notFinite(sparse);
    const bytes = new Uint8Array(sparse.encodedBytes(values.length));
    const largest = largestOf(TOPK_BLOCK);
    for (let start = 0, at = 0; start < values.length; start += TOPK_BLOCK, at += WHOLE.bytes)
      encodeBlock(values.subarray(start, start + TOPK_BLOCK), largest, bytes.subarray(at));
    return bytes;
  },
  decode(bytes, length) {
    const refused = wrongSize(sparse, bytes, length);
    if (refused) return refused;
    const values = new Float32Array(length);
    for (let start = 0, at = 0; start < length; start += TOPK_BLOCK, at += WHOLE.bytes) {
      const bad = decodeBlock(bytes.subarray(at), values.subarray(start, start + TOPK_BLOCK));
      if (bad !== undefined) return malformed(sparse, `block ${start / TOPK_BLOCK} has ${bad}`);
    }
    return { kind: 'decoded', values };
  },
};

function encodeBlock(values: Float32Array, largest: Largest, bytes: Uint8Array): void {
  const { room, codes } = layoutOf(values.length);
  const scale = Math.fround(absoluteMaximum(values, 0, values.length) / MOST_CODE);
  if (scale === 0) return;
  new DataView(bytes.buffer, bytes.byteOffset).setFloat32(0, scale, true);
  let at = codes;
  for (const index of largest(bitsOf(values), room)) {
    const code = (values[index] as number) / scale + ROUND - ROUND;
    if (code === 0) continue;
    const byte = SCALE_BYTES + (index >> 3);
    bytes[byte] = (bytes[byte] as number) | (1 << (index & 7));
    // Only where the scale itself is subnormal can a code leave the range.
    bytes[at++] = code > MOST_CODE ? MOST_CODE : code < -MOST_CODE ? -MOST_CODE : code;
  }
}

/** Fills the block, which is zero, or says what is wrong with it. */
function decodeBlock(bytes: Uint8Array, values: Float32Array): string | undefined {
  const layout = layoutOf(values.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, layout.bytes);
  const scale = view.getFloat32(0, true);
  if (view.getUint32(0, true) > MOST_SCALE_BITS) return `scale ${scale}`;
  let at = layout.codes;
  for (let byte = SCALE_BYTES; byte < layout.codes; byte++) {
    for (let bits = bytes[byte] as number; bits !== 0; bits &= bits - 1) {
      const index = 8 * (byte - SCALE_BYTES) + 31 - Math.clz32(bits & -bits);
      if (at === layout.bytes) return `more than ${layout.room} values`;
      if (index >= values.length) return 'padding that is set';
      const code = view.getInt8(at++);
      if (code === 0 || code < -MOST_CODE) return `code ${code}`;
      values[index] = code * scale;
    }
  }
  if ((at === layout.codes) !== (scale === 0)) return `scale ${scale} for ${at - layout.codes} values`;
  for (; at < layout.bytes; at++) if (bytes[at] !== 0) return 'padding that is set';
  return undefined;
}
