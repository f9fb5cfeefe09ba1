import { basename } from 'node:path';
import { ByteReader, CutError } from './byteReader.ts';
import { InputError, counted } from './inputError.ts';
import type { Source, SourcePicture, Split } from './source.ts';

/** An image file of the MNIST family and the label file found beside it. */
export interface IdxPair {
  readonly images: string;
  readonly labels?: string;
}

/** Magic numbers of http://yann.lecun.com/exdb/mnist: two zeros, 8 = unsigned byte, number of dimensions. */
const IMAGE_MAGIC = 0x00000803;
const LABEL_MAGIC = 0x00000801;
const IMAGE_HEADER_BYTES = 16;
const LABEL_HEADER_BYTES = 8;
const MAX_SIDE = 4096;

interface IdxImageHeader {
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

interface IdxFile extends IdxPair {
  readonly header: IdxImageHeader;
  /** One byte a picture. */
  readonly labelBytes?: Uint8Array;
}

/** "train-images-idx3-ubyte.gz" → "train-labels-idx1-ubyte": the stem under which labels are looked for. */
export const labelStem = (imageName: string): string =>
  imageName.replace(/\.gz$/, '').replace('images', 'labels').replace('idx3', 'idx1');

const splitOf = (path: string): Split => (/t10k|test/i.test(basename(path)) ? 'test' : 'train');

/** Runs `read`; a cut gzip file counts as a file that ends there. */
async function endingWhereCut<T>(read: () => Promise<T>, ended: (length: number) => T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CutError) return ended(error.length);
    throw error;
  }
}

async function readHeader(reader: ByteReader, path: string, magic: number, bytes: number): Promise<DataView> {
  const tooShort = (length: number): never => {
    throw new InputError(
      `${path} ends after ${length} bytes of its ${bytes}-byte IDX header. Download the file again.`,
    );
  };
  const header = await endingWhereCut(() => reader.read(bytes), tooShort);
  if (header.length < bytes) tooShort(header.length);
  const view = new DataView(header.buffer, header.byteOffset, bytes);
  if (view.getUint32(0) === magic) return view;
  const found = view.getUint32(0).toString(16).padStart(8, '0');
  throw new InputError(
    `${path} is not an IDX file of the kind expected: it begins with 0x${found}, not with ` +
      `0x${magic.toString(16).padStart(8, '0')} (${magic === IMAGE_MAGIC ? 'uint8 pictures' : 'uint8 labels'}).`,
  );
}

async function readImageHeader(reader: ByteReader, path: string): Promise<IdxImageHeader> {
  const view = await readHeader(reader, path, IMAGE_MAGIC, IMAGE_HEADER_BYTES);
  const header = { count: view.getUint32(4), height: view.getUint32(8), width: view.getUint32(12) };
  const { count, height, width } = header;
  if (count === 0 || height === 0 || width === 0 || height > MAX_SIDE || width > MAX_SIDE) {
    throw new InputError(
      `${path} promises ${count} pictures of ${height}x${width} in its header, which cannot be: ` +
        `1 to ${MAX_SIDE} pixels a side and at least one picture are expected. Download the file again.`,
    );
  }
  return header;
}

async function readLabels(path: string, images: string, count: number): Promise<Uint8Array> {
  const reader = await ByteReader.open(path);
  try {
    const view = await readHeader(reader, path, LABEL_MAGIC, LABEL_HEADER_BYTES);
    const promised = view.getUint32(4);
    if (promised !== count) {
      throw new InputError(
        `${path} holds ${promised} labels, but ${images} holds ${count} pictures. ` +
          'Put the matching pair of files there, or move the labels away.',
      );
    }
    const tooShort = (length: number): never => {
      throw new InputError(
        `${path} ends after label ${length - LABEL_HEADER_BYTES}: its header promises ${count}. Download the file again.`,
      );
    };
    const labels = await endingWhereCut(() => reader.read(count), tooShort);
    if (labels.length < count) tooShort(reader.offset);
    await expectEnd(reader, path, reader.offset);
    return labels;
  } finally {
    await reader.close();
  }
}

async function expectEnd(reader: ByteReader, path: string, promised: number): Promise<void> {
  if ((await reader.read(1)).length === 0) return;
  throw new InputError(
    `${path} goes on after the ${promised} bytes that its header promises. Download the file again.`,
  );
}

async function openFile(pair: IdxPair): Promise<IdxFile> {
  const reader = await ByteReader.open(pair.images);
  try {
    const header = await readImageHeader(reader, pair.images);
    if (pair.labels === undefined) return { ...pair, header };
    return { ...pair, header, labelBytes: await readLabels(pair.labels, pair.images, header.count) };
  } finally {
    await reader.close();
  }
}

function cutSentence(path: string, { count, height, width }: IdxImageHeader, length: number): InputError {
  const body = Math.max(0, length - IMAGE_HEADER_BYTES);
  const pictureBytes = height * width;
  const promised = IMAGE_HEADER_BYTES + count * pictureBytes;
  return new InputError(
    `${path} ends at byte ${body % pictureBytes} of picture ${Math.floor(body / pictureBytes) + 1}: its header ` +
      `promises ${count} pictures of ${height}x${width} (${promised} bytes). Download the file again.`,
  );
}

async function* picturesOf({ images, header, labelBytes }: IdxFile): AsyncGenerator<SourcePicture> {
  const { count, width, height } = header;
  const reader = await ByteReader.open(images);
  const cut = (length: number): never => {
    throw cutSentence(images, header, length);
  };
  try {
    await readImageHeader(reader, images);
    for (let i = 0; i < count; i++) {
      const pixels = await endingWhereCut(() => reader.read(width * height), cut);
      if (pixels.length < width * height) cut(reader.offset);
      const label = labelBytes === undefined ? {} : { label: labelBytes[i] as number };
      const image = { kind: 'raw', pixels, width, height, channels: 1 } as const;
      yield { name: `${basename(images)} picture ${i + 1}`, split: splitOf(images), image, ...label };
    }
    await endingWhereCut(() => expectEnd(reader, images, reader.offset), cut);
  } finally {
    await reader.close();
  }
}

function classNames(files: readonly IdxFile[]): string[] {
  let highest = 0;
  for (const { labelBytes } of files) labelBytes?.forEach((label) => (highest = Math.max(highest, label)));
  return Array.from({ length: highest + 1 }, (_, label) => String(label));
}

/** Opens IDX image files (plain or gzipped) with the labels found beside them. Throws InputError. */
export async function openIdx(pairs: readonly IdxPair[]): Promise<Source> {
  const files: IdxFile[] = [];
  for (const pair of pairs) files.push(await openFile(pair));
  const sides = files.flatMap(({ header }) => [header.width, header.height]);
  const { width, height } = (files[0] as IdxFile).header;
  const unlabelled = files
    .filter((file) => file.labelBytes === undefined)
    .map((file) => basename(file.images));
  const labelled = unlabelled.length === 0;
  const partly = !labelled && unlabelled.length < files.length;
  return {
    format: 'IDX',
    extent: {
      count: files.reduce((sum, { header }) => sum + header.count, 0),
      smallest: Math.min(...sides),
      largest: Math.max(...sides),
      uniform: files.every(({ header }) => header.width === width && header.height === height),
      channels: 1,
    },
    ...(labelled ? { classes: classNames(files) } : {}),
    notes: partly
      ? [
          `${counted(unlabelled.length, 'file')} (${unlabelled.join(', ')}) has no labels beside it, so all labels are left out.`,
        ]
      : [],
    pictures: async function* () {
      for (const file of files)
        yield* picturesOf(labelled ? file : { images: file.images, header: file.header });
    },
  };
}
