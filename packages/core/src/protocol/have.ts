/**
 * What `ask` and `have` frames carry (LK5). Their header names run, round and part; the payload begins with one byte,
 * the kind of the message that is spoken of (its place in FRAME_KINDS). In a `have` follows a bit a frame, lowest bit
 * first: 1 where that frame has arrived. No bits at all: nothing is known of the message.
 */
import { FRAME_KINDS, isTalk, type WorkKind } from './frames.ts';

export interface Have {
  readonly kind: WorkKind;
  readonly received: Uint8Array;
}

export const encodeHave = ({ kind, received }: Have): Uint8Array =>
  Uint8Array.of(FRAME_KINDS.indexOf(kind), ...received);

/** Undefined for what no honest peer writes. */
export function decodeHave(payload: Uint8Array): Have | undefined {
  const kind = FRAME_KINDS[payload[0] ?? FRAME_KINDS.length];
  return kind === undefined || isTalk(kind) ? undefined : { kind, received: payload.slice(1) };
}

/** A bit for each element, set where there is one. */
export function bitmapOf(frames: readonly (Uint8Array | undefined)[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(frames.length / 8));
  frames.forEach((frame, i) => {
    if (frame) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7));
  });
  return bits;
}

/** The bits of a message of `count` frames that is here as a whole. */
export function allOf(count: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(count / 8)).fill(0xff);
  if (count % 8 > 0) bits[bits.length - 1] = (1 << (count % 8)) - 1;
  return bits;
}

/** Frames of `count` that have not arrived, ascending; undefined where the bits are not those of so many frames. */
export function missingFrames(received: Uint8Array, count: number): number[] | undefined {
  const all = allOf(count);
  const fits =
    received.byteLength === 0 ||
    (received.byteLength === all.byteLength && received.every((bits, i) => (bits & ~(all[i] ?? 0)) === 0));
  if (!fits) return undefined;
  const has = (i: number): boolean => (((received[i >> 3] ?? 0) >> (i & 7)) & 1) === 1;
  return Array.from({ length: count }, (_, i) => i).filter((i) => !has(i));
}
