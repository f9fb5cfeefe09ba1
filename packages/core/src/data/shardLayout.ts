/**
 * The unpacked file of a shard: a header of 16 bytes, the pixels, and in format version 2 a label a picture after
 * them. Everything is little-endian.
 */
export interface ShardShape {
  readonly count: number;
  readonly side: number;
  readonly channels: 1 | 3;
}

/** "MURM", then format version, channels, count, side. */
const MAGIC = 0x4d52554d;
const PIXELS_ONLY = 1;
const WITH_LABELS = 2;
const LABEL_BYTES = 2;
export const HEADER_BYTES = 16;

export const pictureByteCount = (side: number, channels: number): number => side * side * channels;

/** What one example takes after the header: its pixels, and its label where there is one. */
export const exampleByteCount = (side: number, channels: number, labelled: boolean): number =>
  pictureByteCount(side, channels) + (labelled ? LABEL_BYTES : 0);

export function headerBytes({ count, side, channels }: ShardShape, labelled: boolean): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, labelled ? WITH_LABELS : PIXELS_ONLY, true);
  view.setUint16(6, channels, true);
  view.setUint32(8, count, true);
  view.setUint32(12, side, true);
  return bytes;
}

export function labelBytes(labels: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(LABEL_BYTES * labels.length);
  const view = new DataView(bytes.buffer);
  labels.forEach((label, i) => view.setUint16(LABEL_BYTES * i, label, true));
  return bytes;
}

/** The reverse of `labelBytes`. */
export function readLabels(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length / LABEL_BYTES }, (_, i) =>
    view.getUint16(LABEL_BYTES * i, true),
  );
}
