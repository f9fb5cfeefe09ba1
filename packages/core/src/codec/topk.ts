import { bitsOf, malformed, notFinite, wrongSize } from './codec.ts';
import { allFinite } from './float32.ts';
import { largestOf } from './largest.ts';
import { readIndices, writeIndices } from './packedIndices.ts';
import { twoLevels } from './twoLevels.ts';
import type { Codec, Refusal } from './codec.ts';

/** Blocks of so many values, which their indices of 12 bits name. */
export const TOPK_BLOCK = 4096;
/** One value in so many is kept. */
const KEPT_OF = 64;
const LEVEL_BYTES = 8;
/** The bits of the largest float32. */
const MOST_BITS = 0x7f7fffff;
/** The bits of a code. */
const [UPPER, NEGATIVE] = [1, 2];

/** How many values of a block of so many are kept. */
export const keptOf = (length: number): number => Math.ceil(length / KEPT_OF);

interface Layout {
  readonly kept: number;
  /** Where the indices and the codes begin, and the block ends. */
  readonly indices: number;
  readonly codes: number;
  readonly bytes: number;
}

function layoutOf(length: number): Layout {
  const kept = keptOf(length);
  const codes = LEVEL_BYTES + Math.ceil(1.5 * kept);
  return { kept, indices: LEVEL_BYTES, codes, bytes: codes + Math.ceil(kept / 4) };
}
const WHOLE = layoutOf(TOPK_BLOCK);

/**
 * Of every 4096 values the 64 of largest magnitude (of a shorter last block one in 64), of equals the first, each as one
 * of two levels with its sign; all others become 0. The levels are chosen for the least squared error, so that a block's
 * squared error is its squared length less that of what is decoded: at most 1 − kept · mean² / length² of it, where
 * `mean` is that of the kept magnitudes. What was kept errs by less than kept magnitudes differ, what was not by no more
 * than the least kept one. Layout of each block: the two levels as little-endian float32, lower first; indices of 12 bits,
 * ascending, two in three bytes; codes of 2 bits (bit 0: the upper level, bit 1: negative), four a byte. Low bits come
 * first. 120 bytes for 4096 values. With error feedback 0.95 as SparseLoCo (Sarfi et al. 2025).
 */
export const topk: Codec = {
  id: 'topk',
  feedback: 0.95,
  encodedBytes(length) {
    const rest = length % TOPK_BLOCK;
    const whole = ((length - rest) / TOPK_BLOCK) * WHOLE.bytes;
    return rest === 0 ? whole : whole + layoutOf(rest).bytes;
  },
  encode(values) {
    if (!allFinite(values)) throw notFinite(topk);
    const bytes = new Uint8Array(topk.encodedBytes(values.length));
    const largest = largestOf(TOPK_BLOCK);
    for (let start = 0, at = 0; start < values.length; start += TOPK_BLOCK, at += WHOLE.bytes) {
      const block = values.subarray(start, start + TOPK_BLOCK);
      encodeBlock(block, largest(bitsOf(block), keptOf(block.length)), bytes.subarray(at));
    }
    return bytes;
  },
  decode(bytes, length) {
    const refused = wrongSize(topk, bytes, length);
    if (refused) return refused;
    const values = new Float32Array(length);
    for (let start = 0, at = 0; start < length; start += TOPK_BLOCK, at += WHOLE.bytes) {
      const block = values.subarray(start, start + TOPK_BLOCK);
      const bad = decodeBlock(bytes.subarray(at), block);
      if (bad !== undefined) return refusal(bad, start / TOPK_BLOCK);
    }
    return { kind: 'decoded', values };
  },
};

const refusal = (what: string, block: number): Refusal => malformed(topk, `block ${block} has ${what}`);

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function encodeBlock(values: Float32Array, indices: Uint16Array, bytes: Uint8Array): void {
  const layout = layoutOf(values.length);
  const magnitudes = Float32Array.from(indices, (index) => Math.abs(values[index] as number));
  const { low, high, from } = twoLevels(magnitudes);
  const view = viewOf(bytes);
  view.setFloat32(0, low, true);
  view.setFloat32(4, high, true);
  writeIndices(indices, bytes.subarray(layout.indices));
  for (let i = 0; i < indices.length; i++) {
    const value = values[indices[i] as number] as number;
    const code = (Math.abs(value) >= from ? UPPER : 0) | (value < 0 ? NEGATIVE : 0);
    const at = layout.codes + (i >> 2);
    bytes[at] = (bytes[at] as number) | (code << (2 * (i & 3)));
  }
}

/** Fills the block, which is zero, or says what is wrong with it. */
function decodeBlock(bytes: Uint8Array, values: Float32Array): string | undefined {
  const layout = layoutOf(values.length);
  const view = viewOf(bytes);
  const [low, high] = [view.getUint32(0, true), view.getUint32(4, true)];
  if (low > high || high > MOST_BITS) return 'levels that are not 0 ≤ lower ≤ upper';
  const indices = readIndices(bytes.subarray(layout.indices, layout.codes), layout.kept, values.length);
  if (typeof indices === 'string') return indices;
  // A level of 0 has no sign, and where both are equal only the lower one is written.
  const lower = view.getFloat32(0, true);
  const level = [lower, low === high ? NaN : view.getFloat32(4, true), low === 0 ? NaN : -lower];
  level.push(-(level[UPPER] as number));
  for (let i = 0; i < 4 * (layout.bytes - layout.codes); i++) {
    const code = ((bytes[layout.codes + (i >> 2)] as number) >> (2 * (i & 3))) & 3;
    const value = level[code] as number;
    if (Number.isNaN(value)) return 'a code that is never written';
    if (i < layout.kept) values[indices[i] as number] = value;
    else if (code !== 0) return 'padding that is set';
  }
  return undefined;
}
