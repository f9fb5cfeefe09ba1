import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { InputError, fromSystemError } from './inputError.ts';

const CHUNK_BYTES = 256 * 1024;

/** The first `count` bytes of a file; fewer where it is shorter. */
export async function firstBytes(path: string, count: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(new Uint8Array(count), 0, count, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** gzip is told by its first two bytes (RFC 1952), whatever the file is called. */
export async function isGzip(path: string): Promise<boolean> {
  const [a, b] = await firstBytes(path, 2);
  return a === 0x1f && b === 0x8b;
}

/** The file's bytes, unpacked when it is gzip. `finishFlush` Z_SYNC_FLUSH lets a cut gzip file end quietly. */
export async function openUnpacked(path: string, finishFlush?: number): Promise<Readable> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  if (!(await isGzip(path))) return file;
  const gunzip = createGunzip({
    chunkSize: CHUNK_BYTES,
    ...(finishFlush === undefined ? {} : { finishFlush }),
  });
  // The reader of `gunzip` meets every error: pipeline destroys it with the error of either stream.
  return pipeline(file, gunzip, () => undefined);
}

/** How many bytes a cut gzip file still yields. Read anew, since a failing stream drops what it has buffered. */
export async function unpackedLength(path: string): Promise<number> {
  let length = 0;
  for await (const chunk of (await openUnpacked(path, constants.Z_SYNC_FLUSH)) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
  }
  return length;
}

const hasCode = (error: unknown, prefix: string): error is Error & { code: string } =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith(prefix);

/** The gzip file ends too early. */
export const isCutGzip = (error: unknown): boolean => hasCode(error, 'Z_BUF_ERROR');

/** Errors of zlib and of the system as sentences; anything else as it was. */
export function asInputError(error: unknown, path: string, offset: number): unknown {
  if (!hasCode(error, 'Z_')) return fromSystemError(error, path);
  const found = `is a damaged gzip file (${error.message}, after ${offset} unpacked bytes)`;
  return new InputError(`${path} ${found}. Download or pack it again.`, { cause: error });
}

/** Reads exact numbers of bytes from a plain or gzipped file, holding no more than one read and one chunk. */
export class ByteReader {
  private readonly path: string;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);
  /** Unpacked bytes handed out so far. */
  offset = 0;

  private constructor(path: string, stream: Readable) {
    this.path = path;
    this.chunks = (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  }

  static async open(path: string): Promise<ByteReader> {
    try {
      return new ByteReader(path, await openUnpacked(path));
    } catch (error) {
      throw fromSystemError(error, path);
    }
  }

  /** The next `count` bytes; fewer only where the file ends, even in the midst of gzip. Throws InputError. */
  async read(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      if (this.rest.length === 0 && !(await this.fill())) break;
      const part = this.rest.subarray(0, missing);
      this.rest = this.rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    this.offset += count - missing;
    return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
  }

  private async fill(): Promise<boolean> {
    try {
      const { done, value } = await this.chunks.next();
      if (done !== true) this.rest = value;
      return done !== true;
    } catch (error) {
      if (isCutGzip(error)) return this.fillFromCut(error);
      throw asInputError(error, this.path, this.offset);
    }
  }

  /** The file is known to be cut; only its true length is missing, so it is counted instead of read on. */
  private async fillFromCut(error: unknown): Promise<boolean> {
    const length = await unpackedLength(this.path);
    throw new CutError(this.path, length, error);
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }
}

/** A gzip file that ends too early; formats that know their length say it better than this sentence. */
export class CutError extends InputError {
  readonly length: number;
  constructor(path: string, length: number, cause: unknown) {
    super(`${path} is cut: its gzip data end after ${length} unpacked bytes. Download or pack it again.`, {
      cause,
    });
    this.length = length;
  }
}
