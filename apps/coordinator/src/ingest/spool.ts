import { open, readFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** A finished temporary file of `count` records of one length. */
export interface Spool {
  readonly path: string;
  readonly count: number;
  readonly recordBytes: number;
}

const NO_LABEL = 0xffff;
const LABEL_BYTES = 2;

/** A record while it is shuffled: label (uint16 little-endian, 0xffff for none), then pixels. */
export const recordByteCount = (pixelBytes: number): number => LABEL_BYTES + pixelBytes;

export function packRecord(pixels: Uint8Array, label: number | undefined): Uint8Array {
  const record = new Uint8Array(recordByteCount(pixels.length));
  new DataView(record.buffer).setUint16(0, label ?? NO_LABEL, true);
  record.set(pixels, LABEL_BYTES);
  return record;
}

export const recordPixels = (record: Uint8Array): Uint8Array => record.subarray(LABEL_BYTES);

export function recordLabel(record: Uint8Array): number | undefined {
  const label = (record[0] as number) | ((record[1] as number) << 8);
  return label === NO_LABEL ? undefined : label;
}

/** Appends records to a temporary file, at most `bufferBytes` of them in memory. */
export class SpoolWriter {
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly recordBytes: number;
  private readonly buffer: Uint8Array;
  private filled = 0;
  count = 0;

  private constructor(path: string, file: FileHandle, recordBytes: number, bufferBytes: number) {
    this.path = path;
    this.file = file;
    this.recordBytes = recordBytes;
    this.buffer = new Uint8Array(Math.max(1, Math.floor(bufferBytes / recordBytes)) * recordBytes);
  }

  static async create(path: string, recordBytes: number, bufferBytes = 2 ** 20): Promise<SpoolWriter> {
    return new SpoolWriter(path, await open(path, 'w'), recordBytes, bufferBytes);
  }

  async append(record: Uint8Array): Promise<void> {
    this.buffer.set(record, this.filled);
    this.filled += this.recordBytes;
    this.count++;
    if (this.filled === this.buffer.length) await this.flush();
  }

  private async flush(): Promise<void> {
    await this.file.appendFile(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  async finish(): Promise<Spool> {
    try {
      await this.flush();
    } finally {
      await this.file.close();
    }
    return { path: this.path, count: this.count, recordBytes: this.recordBytes };
  }

  /** Closes the file without a result, when what fed it has failed. */
  async abandon(): Promise<void> {
    await this.file.close();
  }
}

/** All records of a small spool in memory: pixels end to end, and a label each. */
export async function loadSpool({
  path,
  count,
  recordBytes,
}: Spool): Promise<{ readonly pictures: Uint8Array; readonly labels: Uint16Array }> {
  const bytes = await readFile(path);
  const pixelBytes = recordBytes - LABEL_BYTES;
  const pictures = new Uint8Array(count * pixelBytes);
  const labels = new Uint16Array(count);
  for (let i = 0; i < count; i++) {
    const record = bytes.subarray(i * recordBytes, (i + 1) * recordBytes);
    pictures.set(recordPixels(record), i * pixelBytes);
    labels[i] = recordLabel(record) ?? 0;
  }
  return { pictures, labels };
}
