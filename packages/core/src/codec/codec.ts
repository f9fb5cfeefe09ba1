import type { Reason } from '../protocol/reasons.ts';

export interface Refusal {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly detail: string;
}

export type Decoded = { readonly kind: 'decoded'; readonly values: Float32Array } | Refusal;

/**
 * How a slice of a pseudo-gradient or update becomes bytes. Deterministic: the same values give the same bytes on
 * every machine, so that they can be named by their hash.
 */
export interface Codec {
  readonly id: string;
  /**
   * The share of what encoding leaves out that a sender adds to its next contribution (error feedback, Karimireddy et
   * al. 2019). Left out: it is small enough to be forgotten.
   */
  readonly feedback?: number;
  /** Bytes of `length` encoded values. */
  encodedBytes(length: number): number;
  /** Throws on values that are not finite: check before. Borrows `values`. */
  encode(values: Float32Array): Uint8Array;
  /** Reads `length` finite values, or says why the bytes are not that; never throws. Borrows `bytes`. */
  decode(bytes: Uint8Array, length: number): Decoded;
}

/** The refusal of bytes of a wrong size, shared by all codecs: nothing is allocated for a length before it fits. */
export function wrongSize(codec: Codec, bytes: Uint8Array, length: number): Refusal | undefined {
  const expected = Number.isSafeInteger(length) && length >= 0 ? codec.encodedBytes(length) : NaN;
  if (bytes.byteLength === expected) return undefined;
  const detail = `${codec.id}: ${length} values take ${expected} bytes, received ${bytes.byteLength}`;
  return { kind: 'refused', reason: 'wrong-size', detail };
}

/** The refusal of bytes of the right size that the encoder would not have written. */
export const malformed = (codec: Codec, what: string, reason: Reason = 'malformed'): Refusal => ({
  kind: 'refused',
  reason,
  detail: `${codec.id}: ${what}`,
});

/** The error of an encoder that was given values which are not finite. */
export const notFinite = (codec: Codec): Error =>
  new Error(`${codec.id}: expected finite values to encode, received some that are not; check them before`);

/** The bits of each value; shares their memory. Without the sign they are in the order of the magnitudes. */
export const bitsOf = (values: Float32Array): Uint32Array =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);
