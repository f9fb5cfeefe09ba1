import { gunzipSync, gzipSync } from 'fflate';
import { crc32 } from '../hash/crc32.ts';
import { sha256Hex } from '../hash/sha256.ts';
import {
  exampleByteCount,
  HEADER_BYTES,
  headerBytes,
  labelBytes,
  pictureByteCount,
  readLabels,
  type ShardShape,
} from './shardLayout.ts';

/** `count` square pictures, uint8, [count, side, side, channels]. */
export interface ShardPictures extends ShardShape {
  readonly pixels: Uint8Array;
  /** The class of each picture, [count]; only where the operator leases labels out (SH3). */
  readonly labels?: Uint16Array;
}

/** What the manifest says of a shard; nothing else is believed. */
export interface ExpectedShard extends ShardShape {
  readonly hash: string;
  /** Given where the shard must carry labels, each below it; a shard that should have none is refused with them. */
  readonly classCount?: number | undefined;
}

export type ShardFault =
  'too large' | 'wrong hash' | 'not gzip' | 'wrong size' | 'wrong header' | 'wrong label';
export type DecodedShard =
  | { readonly ok: true; readonly shard: ShardPictures }
  | { readonly ok: false; readonly reason: ShardFault; readonly sentence: string };

/** What is in one shard, unpacked, never exceeds this, so a volunteer's memory is bounded before it unpacks. */
export const maxShardBytes = 32 * 2 ** 20;

/** fflate's level 6 and an empty time stamp: the same bytes on every machine. */
const GZIP_OPTIONS = { level: 6, mtime: 0 } as const;

/** The compressed file of a shard. Throws (a bug) when the pixels or labels do not have the stated shape. */
export function encodeShard(pictures: ShardPictures): Uint8Array {
  const { count, side, channels, pixels, labels } = pictures;
  const expected = count * pictureByteCount(side, channels);
  const extra = labels === undefined ? new Uint8Array(0) : labelBytes(labels);
  if (pixels.length !== expected || expected + extra.length > maxShardBytes) {
    throw new Error(
      `encodeShard: ${count} pictures of ${side}x${side}x${channels} are ${expected} bytes ` +
        `(at most ${maxShardBytes}), received ${pixels.length}`,
    );
  }
  if (labels !== undefined && labels.length !== count) {
    throw new Error(`encodeShard: expected a label for each of ${count} pictures, received ${labels.length}`);
  }
  const file = new Uint8Array(HEADER_BYTES + pixels.length + extra.length);
  file.set(headerBytes(pictures, labels !== undefined));
  file.set(pixels, HEADER_BYTES);
  file.set(extra, HEADER_BYTES + pixels.length);
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

/**
 * Checks name, packing, size, header and labels of a received shard file; hostile bytes give a fault, never a throw.
 */
export function decodeShard(compressed: Uint8Array, expected: ExpectedShard): DecodedShard {
  const { hash, count, side, channels, classCount } = expected;
  const labelled = classCount !== undefined;
  const bytes = count * exampleByteCount(side, channels, labelled);
  if (!(bytes <= maxShardBytes) || compressed.length > maxShardBytes + 2 ** 16) {
    return fault('too large', `it would be ${bytes} bytes, at most ${maxShardBytes} are allowed`);
  }
  const actualHash = shardHash(compressed);
  if (actualHash !== hash) return fault('wrong hash', `its bytes hash to ${actualHash}, not to ${hash}`);
  const file = unpack(compressed, HEADER_BYTES + bytes);
  if (typeof file === 'string') return fault('not gzip', `unpacking fails with "${file}"`);
  if (file.length !== HEADER_BYTES + bytes || !trailerAgrees(compressed, file)) {
    return fault('wrong size', `it does not unpack to ${HEADER_BYTES + bytes} intact bytes`);
  }
  const header = headerBytes(expected, labelled);
  if (header.some((byte, i) => file[i] !== byte)) {
    const what = `${count} pictures of ${side}x${side}x${channels} ${labelled ? 'with' : 'without'} labels`;
    return fault('wrong header', `it is not marked as ${what}`);
  }
  return contentOf(file.subarray(HEADER_BYTES), expected);
}

/** What stands after a header that has been checked. */
function contentOf(content: Uint8Array, { count, side, channels, classCount }: ExpectedShard): DecodedShard {
  const pixelBytes = count * pictureByteCount(side, channels);
  const shard = { count, side, channels, pixels: content.subarray(0, pixelBytes) };
  if (classCount === undefined) return { ok: true, shard };
  const labels = readLabels(content.subarray(pixelBytes));
  const wrong = labels.find((label) => label >= classCount);
  if (wrong === undefined) return { ok: true, shard: { ...shard, labels } };
  return fault(
    'wrong label',
    `it holds label ${wrong}, where ${classCount} classes have 0 to ${classCount - 1}`,
  );
}
