import type { Reason } from '../protocol/reasons.ts';

export type Decoded =
  | { readonly kind: 'decoded'; readonly values: Float32Array }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly detail: string };

/**
 * How a slice of a pseudo-gradient or update becomes bytes. Deterministic: the same values give the same bytes on
 * every machine, so that they can be named by their hash.
 */
export interface Codec {
  readonly id: string;
  /** Bytes of `length` encoded values. */
  encodedBytes(length: number): number;
  /** Throws on values that are not finite: check before. Borrows `values`. */
  encode(values: Float32Array): Uint8Array;
  /** Reads `length` finite values, or says why the bytes are not that; never throws. Borrows `bytes`. */
  decode(bytes: Uint8Array, length: number): Decoded;
}

/** The refusal of bytes of a wrong size, shared by codecs with a fixed size. */
export function wrongSize(codec: Codec, bytes: Uint8Array, length: number): Decoded | undefined {
  const expected = codec.encodedBytes(length);
  if (bytes.byteLength === expected) return undefined;
  const detail = `${codec.id}: ${length} values take ${expected} bytes, received ${bytes.byteLength}`;
  return { kind: 'refused', reason: 'wrong-size', detail };
}

/** The error of an encoder that was given values which are not finite. */
export const notFinite = (codec: Codec): Error =>
  new Error(`${codec.id}: expected finite values to encode, received some that are not; check them before`);
