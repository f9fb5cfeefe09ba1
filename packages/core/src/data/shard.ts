import { gunzipSync, gzipSync } from 'fflate';
import { crc32 } from '../hash/crc32.ts';
import { sha256Hex } from '../hash/sha256.ts';

/** `count` square pictures, uint8, [count, side, side, channels]. */
export interface ShardPictures {
  readonly count: number;
  readonly side: number;
  readonly channels: 1 | 3;
  readonly pixels: Uint8Array;
}

/** What the manifest says of a shard; nothing else is believed. */
export interface ExpectedShard {
  readonly hash: string;
  readonly count: number;
  readonly side: number;
  readonly channels: 1 | 3;
}

export type ShardFault = 'too large' | 'wrong hash' | 'not gzip' | 'wrong size' | 'wrong header';
export type DecodedShard =
  | { readonly ok: true; readonly shard: ShardPictures }
  | { readonly ok: false; readonly reason: ShardFault; readonly sentence: string };

/** Raw pixels in one shard never exceed this, so a volunteer's memory is bounded before it unpacks. */
export const maxShardPixelBytes = 32 * 2 ** 20;

/** "MURM", then format version, channels, count, side: little-endian, 16 bytes in all. */
const MAGIC = 0x4d52554d;
const VERSION = 1;
const HEADER_BYTES = 16;
/** fflate's level 6 and an empty time stamp: the same bytes on every machine. */
const GZIP_OPTIONS = { level: 6, mtime: 0 } as const;

export const pictureByteCount = (side: number, channels: number): number => side * side * channels;

function headerBytes({ count, side, channels }: Omit<ShardPictures, 'pixels'>): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, VERSION, true);
  view.setUint16(6, channels, true);
  view.setUint32(8, count, true);
  view.setUint32(12, side, true);
  return bytes;
}

/** The compressed file of a shard. Throws (a bug) when the pixels do not have the stated shape. */
export function encodeShard(pictures: ShardPictures): Uint8Array {
  const { count, side, channels, pixels } = pictures;
  const expected = count * pictureByteCount(side, channels);
  if (pixels.length !== expected || expected > maxShardPixelBytes) {
    throw new Error(
      `encodeShard: ${count} pictures of ${side}x${side}x${channels} are ${expected} bytes ` +
        `(at most ${maxShardPixelBytes}), received ${pixels.length}`,
    );
  }
  const file = new Uint8Array(HEADER_BYTES + pixels.length);
  file.set(headerBytes(pictures));
  file.set(pixels, HEADER_BYTES);
  return gzipSync(file, GZIP_OPTIONS);
}

/** A shard's name: the SHA-256 of its compressed file, in hex. */
export const shardHash = (compressed: Uint8Array): string => sha256Hex(compressed);

const fault = (reason: ShardFault, detail: string): DecodedShard => ({
  ok: false,
  reason,
  sentence: `This shard is refused (${reason}): ${detail}. Fetch it again from the coordinator.`,
});

/** Unpacks into a buffer one byte longer than allowed, so that a longer stream shows itself without growing. */
function unpack(compressed: Uint8Array, fileBytes: number): Uint8Array | string {
  try {
    return gunzipSync(compressed, { out: new Uint8Array(fileBytes + 1) });
  } catch (error) {
    return error instanceof Error ? error.message : 'unknown error';
  }
}

/** The CRC-32 and the length that a gzip file (RFC 1952) ends with; fflate does not check them. */
function trailerAgrees(compressed: Uint8Array, file: Uint8Array): boolean {
  const view = new DataView(compressed.buffer, compressed.byteOffset + compressed.length - 8, 8);
  return view.getUint32(0, true) === crc32(file) && view.getUint32(4, true) === file.length;
}

/** Checks name, packing, size and header of a received shard file; hostile bytes give a fault, never a throw. */
export function decodeShard(compressed: Uint8Array, expected: ExpectedShard): DecodedShard {
  const { hash, count, side, channels } = expected;
  const pixelBytes = count * pictureByteCount(side, channels);
  if (!(pixelBytes <= maxShardPixelBytes) || compressed.length > maxShardPixelBytes + 2 ** 16) {
    return fault('too large', `it would be ${pixelBytes} bytes, at most ${maxShardPixelBytes} are allowed`);
  }
  const actualHash = shardHash(compressed);
  if (actualHash !== hash) return fault('wrong hash', `its bytes hash to ${actualHash}, not to ${hash}`);
  const file = unpack(compressed, HEADER_BYTES + pixelBytes);
  if (typeof file === 'string') return fault('not gzip', `unpacking fails with "${file}"`);
  if (file.length !== HEADER_BYTES + pixelBytes || !trailerAgrees(compressed, file)) {
    return fault('wrong size', `it does not unpack to ${HEADER_BYTES + pixelBytes} intact bytes`);
  }
  const header = headerBytes(expected);
  if (header.some((byte, i) => file[i] !== byte)) {
    return fault('wrong header', `it is not marked as ${count} pictures of ${side}x${side}x${channels}`);
  }
  return { ok: true, shard: { count, side, channels, pixels: file.subarray(HEADER_BYTES) } };
}
