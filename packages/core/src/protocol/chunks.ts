/** Messages cut into frames, and put together again within fixed bounds (LK3). */
import {
  MAX_MESSAGE_BYTES,
  MAX_PAYLOAD_BYTES,
  decodeFrame,
  encodeFrame,
  frameCount,
  payloadBytes,
} from './frames.ts';
import { isTalk } from './frames.ts';
import type { Frame, FrameFault, FrameHeader, FrameKind } from './frames.ts';
import { allOf, bitmapOf } from './have.ts';

export interface Message extends FrameHeader {
  readonly bytes: Uint8Array;
}

/**
 * Encodes frame `sequence` of a message. Throws when the message is larger than the frame counter can express.
 */
export function frameOf({ bytes, ...header }: Message, sequence: number): Uint8Array {
  const total = bytes.byteLength;
  if (total > MAX_MESSAGE_BYTES) {
    throw new Error(`frameOf: expected at most ${MAX_MESSAGE_BYTES} bytes, received ${total}`);
  }
  const start = sequence * MAX_PAYLOAD_BYTES;
  const payload = bytes.subarray(start, start + payloadBytes(total, sequence));
  return encodeFrame({ ...header, sequence, count: frameCount(total), total, payload });
}

/** Cuts a message into encoded frames in order. `run` is the run's tag. Throws as `frameOf` does. */
export function splitPayload(
  kind: FrameKind,
  run: number,
  round: number,
  part: number,
  bytes: Uint8Array,
): Uint8Array[] {
  const count = frameCount(bytes.byteLength);
  return Array.from({ length: count }, (_, sequence) => frameOf({ kind, run, round, part, bytes }, sequence));
}

export type ReassemblyFault = FrameFault | 'message-too-large' | 'too-many-open' | 'conflicting-totals';
export type Reassembled =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'refused'; readonly fault: ReassemblyFault; readonly detail: string };

export interface ReassemblerLimits {
  /** Bytes of one message. */
  readonly maxBytes: number;
  /** Messages begun and not complete. */
  readonly maxOpen: number;
  /** Bytes of all open messages as announced; `maxBytes` × `maxOpen` when left out. */
  readonly maxTotalBytes?: number;
}

/** Collects the frames of one sender. */
export interface Reassembler {
  /**
   * Takes one frame as received. Returns the message that it completes, a refusal, or `undefined` while frames are
   * missing and for duplicates. Frames may come in any order. Copies what it keeps.
   */
  push(frame: Uint8Array): Reassembled | undefined;
  /** The frames of a message that are here, as `have` frames carry them; empty where nothing is known of it. */
  received(header: FrameHeader): Uint8Array;
  /** Gives up every message of rounds up to `round`, complete or not. */
  forget(round: number): void;
}

interface OpenMessage {
  readonly header: FrameHeader;
  readonly total: number;
  readonly payloads: (Uint8Array | undefined)[];
  missing: number;
}

const keyOf = (frame: FrameHeader): string => `${frame.kind}/${frame.run}/${frame.round}/${frame.part}`;

export function createReassembler(limits: ReassemblerLimits): Reassembler {
  const open = new Map<string, OpenMessage>();
  /** Round and frames by key of the messages last completed, oldest first, at most four times `maxOpen`. */
  const completed = new Map<string, { readonly round: number; readonly count: number }>();
  const maxTotalBytes = limits.maxTotalBytes ?? limits.maxBytes * limits.maxOpen;

  function roomFor(frame: Frame): Reassembled | undefined {
    const oldestFirst = [...open].sort(([, a], [, b]) => a.header.round - b.header.round);
    let bytes = frame.total + oldestFirst.reduce((sum, [, message]) => sum + message.total, 0);
    for (const [key, message] of oldestFirst) {
      if (open.size < limits.maxOpen && bytes <= maxTotalBytes) break;
      // What is left of an earlier round will never be complete; the newer round has a right to its place.
      if (message.header.round >= frame.round) break;
      open.delete(key);
      bytes -= message.total;
    }
    if (open.size < limits.maxOpen && bytes <= maxTotalBytes) return undefined;
    return refuse('too-many-open', `${open.size} messages are open, ${bytes} bytes with this one`);
  }

  function begin(frame: Frame): OpenMessage {
    const { kind, run, round, part } = frame;
    const payloads = new Array<Uint8Array | undefined>(frame.count).fill(undefined);
    return { header: { kind, run, round, part }, total: frame.total, payloads, missing: frame.count };
  }

  function complete(key: string, message: OpenMessage): Reassembled {
    open.delete(key);
    const { kind, round } = message.header;
    // Talk may be repeated, after a lost connection for instance; work of a round is taken once.
    if (!isTalk(kind)) completed.set(key, { round, count: message.payloads.length });
    for (const oldest of completed.keys()) {
      if (completed.size <= 4 * limits.maxOpen) break;
      completed.delete(oldest);
    }
    return { kind: 'message', message: { ...message.header, bytes: join(message) } };
  }

  function take(frame: Frame): Reassembled | undefined {
    const key = keyOf(frame);
    if (completed.has(key)) return undefined;
    const most = isTalk(frame.kind) ? Math.min(MAX_PAYLOAD_BYTES, limits.maxBytes) : limits.maxBytes;
    if (frame.total > most) {
      return refuse('message-too-large', `${frame.total} bytes, at most ${most} are taken`);
    }
    let message = open.get(key);
    if (!message) {
      const full = roomFor(frame);
      if (full) return full;
      message = begin(frame);
      open.set(key, message);
    }
    if (message.total !== frame.total) {
      return refuse('conflicting-totals', `${frame.total} bytes announced, before it were ${message.total}`);
    }
    if (message.payloads[frame.sequence]) return undefined;
    message.payloads[frame.sequence] = frame.payload.slice();
    message.missing -= 1;
    return message.missing === 0 ? complete(key, message) : undefined;
  }

  return {
    push(bytes) {
      const result = decodeFrame(bytes);
      return result.kind === 'frame' ? take(result.frame) : result;
    },
    received(header) {
      const key = keyOf(header);
      const done = completed.get(key);
      return done ? allOf(done.count) : bitmapOf(open.get(key)?.payloads ?? []);
    },
    forget(round) {
      for (const [key, message] of open) if (message.header.round <= round) open.delete(key);
      for (const [key, done] of completed) if (done.round <= round) completed.delete(key);
    },
  };
}

const refuse = (fault: ReassemblyFault, detail: string): Reassembled => ({ kind: 'refused', fault, detail });

function join(message: OpenMessage): Uint8Array {
  const bytes = new Uint8Array(message.total);
  message.payloads.forEach((payload, sequence) => bytes.set(payload ?? [], sequence * MAX_PAYLOAD_BYTES));
  return bytes;
}
