/**
 * The binary frame in which bulk bytes travel between volunteers, over a link or relayed by the coordinator (LK3):
 * a fixed header of little-endian integers, then the payload.
 */
import { crc32 } from '../hash/crc32.ts';
import { MAX_FRAME_BYTES } from './messages.ts';

/** "MRMR" in ASCII. */
const MAGIC = 0x524d524d;
/** Of the layout below; raised when it changes. */
const FRAME_VERSION = 1;

const AT = {
  magic: 0, //    u32
  version: 4, //  u8
  kind: 5, //     u8, index into FRAME_KINDS
  part: 6, //     u16
  run: 8, //      u32, tag of the run
  round: 12, //   u32
  sequence: 16, // u16, this frame's place in its message, from 0
  count: 18, //   u16, frames in the message
  total: 20, //   u32, bytes of the whole message
  crc: 24, //     u32, CRC-32 of this frame's payload
} as const;

export const FRAME_HEADER_BYTES = 28;
export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - FRAME_HEADER_BYTES;
const MAX_FRAME_COUNT = 0xffff;
/** The largest message that the frame counter can express. */
export const MAX_MESSAGE_BYTES = MAX_FRAME_COUNT * MAX_PAYLOAD_BYTES;

/**
 * `hello` and `helloAck` are the barrier before the first byte (RD6). By `ask` a sender asks how much of a message has
 * arrived, and `have` says so (LK5, have.ts).
 */
export const FRAME_KINDS = ['hello', 'helloAck', 'contribution', 'update', 'ask', 'have', 'partial'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

const TALK = ['hello', 'helloAck', 'ask', 'have'] as const;
/** Kinds by which two ends talk about links and messages; all others carry work of a round. */
export type TalkKind = (typeof TALK)[number];
export type WorkKind = Exclude<FrameKind, TalkKind>;
export const isTalk = (kind: FrameKind): kind is TalkKind => (TALK as readonly FrameKind[]).includes(kind);

export interface FrameHeader {
  readonly kind: FrameKind;
  /** `runTag` of the run. */
  readonly run: number;
  readonly round: number;
  readonly part: number;
}

export interface Frame extends FrameHeader {
  readonly sequence: number;
  readonly count: number;
  readonly total: number;
  /** Borrowed from the bytes that were decoded. */
  readonly payload: Uint8Array;
}

export type FrameFault = 'too-short' | 'too-large' | 'magic' | 'version' | 'kind' | 'size' | 'checksum';
export type FrameResult =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'refused'; readonly fault: FrameFault; readonly detail: string };

/** 32 bits that tell runs apart on the wire. */
export const runTag = (run: string): number => crc32(Uint8Array.from(run, (c) => c.charCodeAt(0)));

/** Frames that a message of `total` bytes takes; an empty message takes one. */
export const frameCount = (total: number): number => Math.max(1, Math.ceil(total / MAX_PAYLOAD_BYTES));

/** Payload bytes of frame `sequence`: every frame is full but the last. */
export const payloadBytes = (total: number, sequence: number): number =>
  Math.min(MAX_PAYLOAD_BYTES, total - sequence * MAX_PAYLOAD_BYTES);

/** Writes one frame. Copies the payload. */
export function encodeFrame(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + frame.payload.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(AT.magic, MAGIC, true);
  view.setUint8(AT.version, FRAME_VERSION);
  view.setUint8(AT.kind, FRAME_KINDS.indexOf(frame.kind));
  view.setUint16(AT.part, frame.part, true);
  view.setUint32(AT.run, frame.run, true);
  view.setUint32(AT.round, frame.round, true);
  view.setUint16(AT.sequence, frame.sequence, true);
  view.setUint16(AT.count, frame.count, true);
  view.setUint32(AT.total, frame.total, true);
  view.setUint32(AT.crc, crc32(frame.payload), true);
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

const refuse = (fault: FrameFault, detail: string): FrameResult => ({ kind: 'refused', fault, detail });

/** Reads one frame. Accepts exactly what `encodeFrame` and `splitPayload` write; never throws, whatever the bytes. */
export function decodeFrame(bytes: Uint8Array): FrameResult {
  const size = bytes.byteLength;
  if (size < FRAME_HEADER_BYTES)
    return refuse('too-short', `${size} bytes, a header has ${FRAME_HEADER_BYTES}`);
  if (size > MAX_FRAME_BYTES)
    return refuse('too-large', `${size} bytes, at most ${MAX_FRAME_BYTES} are allowed`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  if (view.getUint32(AT.magic, true) !== MAGIC) return refuse('magic', 'not a Murmur frame');
  const version = view.getUint8(AT.version);
  if (version !== FRAME_VERSION)
    return refuse('version', `frame version ${version}, expected ${FRAME_VERSION}`);
  const kind = FRAME_KINDS[view.getUint8(AT.kind)];
  if (!kind) return refuse('kind', `unknown frame kind ${view.getUint8(AT.kind)}`);
  const frame = readFrame(kind, view, bytes.subarray(FRAME_HEADER_BYTES));
  if (!sizesAgree(frame)) {
    return refuse(
      'size',
      `frame ${frame.sequence} of ${frame.count}, ${size} bytes, message ${frame.total} bytes`,
    );
  }
  if (crc32(frame.payload) !== view.getUint32(AT.crc, true)) return refuse('checksum', 'damaged payload');
  return { kind: 'frame', frame };
}

function readFrame(kind: FrameKind, view: DataView, payload: Uint8Array): Frame {
  return {
    kind,
    run: view.getUint32(AT.run, true),
    round: view.getUint32(AT.round, true),
    part: view.getUint16(AT.part, true),
    sequence: view.getUint16(AT.sequence, true),
    count: view.getUint16(AT.count, true),
    total: view.getUint32(AT.total, true),
    payload,
  };
}

/** Whether place, count, total and payload size fit each other; they are redundant on purpose. */
const sizesAgree = (frame: Frame): boolean =>
  frame.count === frameCount(frame.total) &&
  frame.sequence < frame.count &&
  frame.payload.byteLength === payloadBytes(frame.total, frame.sequence);
