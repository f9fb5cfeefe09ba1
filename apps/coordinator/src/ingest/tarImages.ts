import { basename } from 'node:path';
import { pipeline, Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { asInputError, isCutGzip, openUnpacked } from './byteReader.ts';
import { maxPictureFileBytes } from './imageFolder.ts';
import { InputError } from './inputError.ts';
import { FolderNames, isPicturePath } from './picturePath.ts';
import { PictureSurvey, pictureSize } from './pictureSurvey.ts';
import type { OnLook, Source, SourcePicture } from './source.ts';

const BLOCK_BYTES = 512;

/** Passes an archive on and keeps its last block, which is zeros in a whole archive (POSIX.1-1988, ustar). */
class EndMark extends Transform {
  private tail: Uint8Array = new Uint8Array(0);
  bytes = 0;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.bytes += chunk.length;
    const joined = chunk.length >= BLOCK_BYTES ? chunk : Buffer.concat([this.tail, chunk]);
    this.tail = Uint8Array.prototype.slice.call(joined, -BLOCK_BYTES);
    done(null, chunk);
  }

  get found(): boolean {
    return this.tail.length === BLOCK_BYTES && this.tail.every((byte) => byte === 0);
  }
}

/** One picture's entry: its path, which another archive may have too, and, unless it is too large, its bytes. */
interface TarPicture {
  readonly archive: string;
  readonly path: string;
  readonly image: SourcePicture['image'];
}

/** What is used of an entry as tar-stream yields it. */
interface Entry extends AsyncIterable<unknown> {
  readonly header: Header;
  resume(): unknown;
}

async function readEntry(entry: Entry): Promise<SourcePicture['image']> {
  const { size } = entry.header;
  if (size > maxPictureFileBytes) {
    entry.resume();
    return {
      kind: 'unreadable',
      reason: `the entry has ${size} bytes, at most ${maxPictureFileBytes} are read`,
    };
  }
  const parts: Uint8Array[] = [];
  for await (const part of entry) if (part instanceof Uint8Array) parts.push(part);
  const bytes = Buffer.concat(parts);
  return bytes.length === 0
    ? { kind: 'unreadable', reason: 'the entry is empty' }
    : { kind: 'encoded', bytes };
}

function damaged(archive: string, error: unknown, last: string | undefined, bytes: number): unknown {
  if (error instanceof InputError) return error;
  const place = last === undefined ? 'before its first entry' : `at or after entry ${last}`;
  const where = `${place}, ${bytes} unpacked bytes in`;
  if (isCutGzip(error))
    return new InputError(`${archive} is cut: its gzip data end ${where}. Download or pack it again.`);
  const known = asInputError(error, archive, bytes);
  if (known instanceof InputError || !(error instanceof Error)) return known;
  return new InputError(
    `${archive} is not a whole tar archive (${error.message}, ${where}). Download or pack it again.`,
    {
      cause: error,
    },
  );
}

async function* picturesOf(archive: string): AsyncGenerator<TarPicture> {
  const endMark = new EndMark();
  const entries = extract();
  let last: string | undefined;
  try {
    // The loop over `entries` meets every error: pipeline destroys it with the error of any stream before it.
    pipeline(await openUnpacked(archive), endMark, entries, () => undefined);
    for await (const entry of entries) {
      last = entry.header.name;
      if (entry.header.type === 'file' && isPicturePath(last)) {
        yield { archive, path: last, image: await readEntry(entry) };
      } else {
        entry.resume();
      }
    }
    if (!endMark.found) throw new Error('it has no end mark');
  } catch (error) {
    throw damaged(archive, error, last, endMark.bytes);
  } finally {
    entries.destroy();
  }
}

async function* picturesOfAll(archives: readonly string[]): AsyncGenerator<TarPicture> {
  for (const archive of archives) yield* picturesOf(archive);
}

/**
 * Opens tar archives (plain or gzipped) of pictures, with the path conventions of an image folder. Goes through
 * them once for sizes and classes. Throws InputError.
 */
export async function openTarImages(archives: readonly string[], onLook: OnLook): Promise<Source> {
  const survey = new PictureSurvey();
  const folders = new FolderNames();
  for await (const { path, image } of picturesOfAll(archives)) {
    folders.add(path);
    survey.add(image.kind === 'encoded' ? await pictureSize(image.bytes) : undefined);
    onLook(survey.count);
  }
  if (survey.count === 0) {
    throw new InputError(
      `${archives.join(', ')} holds no picture: JPEG, PNG, WebP, GIF, AVIF or TIFF entries are expected.`,
    );
  }
  const { classes, notes, place } = folders.convention();
  return {
    format: 'tar of images',
    extent: survey.extent(archives.join(', ')),
    ...(classes === undefined ? {} : { classes }),
    notes,
    pictures: async function* () {
      for await (const { archive, path, image } of picturesOfAll(archives)) {
        const name = archives.length > 1 ? `${basename(archive)}: ${path}` : path;
        yield { name, ...place(path), image };
      }
    },
  };
}
