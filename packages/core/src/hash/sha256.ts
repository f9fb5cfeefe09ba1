import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** SHA-256 as 64 lower-case hex digits. Plain JavaScript: `crypto.subtle` does not exist on plain-http pages. */
export function sha256Hex(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** The bytes of a float32 vector, little-endian, without copying. */
export function float32Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** A float32 vector over little-endian bytes; copies only when the bytes are not aligned. */
export function bytesToFloat32(bytes: Uint8Array): Float32Array {
  // Not `bytes.slice()`: on a Node Buffer that is a view, not a copy.
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
  return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}
