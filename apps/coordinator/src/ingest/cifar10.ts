import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ByteReader, CutError, isGzip } from './byteReader.ts';
import { InputError, naming } from './inputError.ts';
import type { OnLook, Source, SourcePicture, Split } from './source.ts';

/** https://www.cs.toronto.edu/~kriz/cifar.html: a label byte, then 1,024 red, green and blue bytes, row by row. */
const SIDE = 32;
const PLANE_BYTES = SIDE * SIDE;
const RECORD_BYTES = 1 + 3 * PLANE_BYTES;
const CLASS_COUNT = 10;
const DEFAULT_CLASSES = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');

const splitOf = (path: string): Split => (/test/i.test(basename(path)) ? 'test' : 'train');

function interleave(planes: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * PLANE_BYTES);
  for (let i = 0; i < PLANE_BYTES; i++) {
    pixels[3 * i] = planes[i] as number;
    pixels[3 * i + 1] = planes[PLANE_BYTES + i] as number;
    pixels[3 * i + 2] = planes[2 * PLANE_BYTES + i] as number;
  }
  return pixels;
}

function wrongLength(path: string, bytes: number): InputError {
  return new InputError(
    `${path} holds ${bytes} bytes, which is not a whole number of CIFAR-10 records of ${RECORD_BYTES} bytes: ` +
      `it ends at byte ${bytes % RECORD_BYTES} of record ${Math.floor(bytes / RECORD_BYTES) + 1}. ` +
      'Download the file again, and note that CIFAR-100 has other records.',
  );
}

function parseRecord(record: Uint8Array, path: string, index: number): SourcePicture {
  const label = record[0] as number;
  if (label >= CLASS_COUNT) {
    throw new InputError(
      `${path} has label ${label} in record ${index + 1}, where CIFAR-10 has 0 to 9: it is another format, or damaged.`,
    );
  }
  const image = {
    kind: 'raw',
    pixels: interleave(record.subarray(1)),
    width: SIDE,
    height: SIDE,
    channels: 3,
  } as const;
  return { name: `${basename(path)} record ${index + 1}`, split: splitOf(path), label, image };
}

async function* picturesOf(path: string): AsyncGenerator<SourcePicture> {
  const reader = await ByteReader.open(path);
  try {
    for (let i = 0; ; i++) {
      const record = await reader.read(RECORD_BYTES);
      if (record.length === 0) return;
      if (record.length < RECORD_BYTES) throw wrongLength(path, reader.offset);
      yield parseRecord(record, path, i);
    }
  } catch (error) {
    throw error instanceof CutError && error.length % RECORD_BYTES > 0
      ? wrongLength(path, error.length)
      : error;
  } finally {
    await reader.close();
  }
}

/** Records of one file. A gzipped file is unpacked once for it, since its trailer cannot be trusted. */
async function countRecords(path: string): Promise<number> {
  if (!(await isGzip(path))) {
    const { size } = await stat(path);
    if (size % RECORD_BYTES !== 0) throw wrongLength(path, size);
    return size / RECORD_BYTES;
  }
  let count = 0;
  for await (const _ of picturesOf(path)) count++;
  return count;
}

async function readClasses(metaPath: string | undefined): Promise<string[]> {
  if (metaPath === undefined) return DEFAULT_CLASSES;
  const names = (await naming(metaPath, () => readFile(metaPath, 'utf8')))
    .split('\n')
    .map((line) => line.trim());
  const classes = names.filter((name) => name !== '');
  if (classes.length === CLASS_COUNT) return classes;
  throw new InputError(
    `${metaPath} names ${classes.length} classes, where CIFAR-10 has ${CLASS_COUNT}: one a line is expected.`,
  );
}

/** Opens CIFAR-10 batches (plain or gzipped); names that contain "test" are the test split. Throws InputError. */
export async function openCifar10(
  files: readonly string[],
  metaPath: string | undefined,
  onLook: OnLook,
): Promise<Source> {
  let count = 0;
  for (const path of files) {
    const records = await naming(path, () => countRecords(path));
    if (records === 0)
      throw new InputError(`${path} is empty: CIFAR-10 records of ${RECORD_BYTES} bytes are expected.`);
    onLook((count += records));
  }
  return {
    format: 'CIFAR-10 binary',
    extent: { count, smallest: SIDE, largest: SIDE, uniform: true, channels: 3 },
    classes: await readClasses(metaPath),
    notes: [],
    pictures: async function* () {
      for (const path of files) yield* picturesOf(path);
    },
  };
}
