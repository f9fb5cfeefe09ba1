import { join } from 'node:path';
import {
  idxImages,
  idxLabels,
  cifarBatch,
  pictureFile,
  writeFiles,
} from '@murmur/coordinator/ingest/testSources';

/** Two data sets of the same pictures in the same order, whose labels and class names differ. */
export interface SourcePair {
  readonly format: string;
  /** Words that are in the names of classes and nowhere else. */
  readonly classNames: readonly string[];
  /** Writes both below the folder; resolves to where each is. */
  write(folder: string): Promise<[string, string]>;
}

const COUNT = 96;
const NAMES = 'quagga zebu okapi ibex kudu nyala bongo eland oryx addax'
  .split(' ')
  .map((name) => `${name}-class`);
const OTHERS = 'walrus narwhal dugong orca beluga minke vaquita porpoise manatee seal'
  .split(' ')
  .map((name) => `${name}-class`);

type Files = Readonly<Record<string, Uint8Array | string>>;

const both = async (folder: string, files: readonly [Files, Files]): Promise<[string, string]> => [
  await writeFiles(join(folder, 'one', 'pictures'), files[0]),
  await writeFiles(join(folder, 'other', 'pictures'), files[1]),
];

/** CIFAR-10 records, each with another label in the other set, and names of the classes beside them. */
const cifar: SourcePair = {
  format: 'CIFAR-10 with class names',
  classNames: [...NAMES, ...OTHERS],
  write(folder) {
    const [one, other] = [cifarBatch(COUNT), cifarBatch(COUNT)];
    for (let i = 0; i < COUNT; i++) other[i * 3073] = (i * 3 + 1) % 10;
    return both(folder, [
      { 'data_batch_1.bin': one, 'batches.meta.txt': NAMES.join('\n') },
      { 'data_batch_1.bin': other, 'batches.meta.txt': OTHERS.join('\n') },
    ]);
  },
};

/** IDX files with test pictures of their own; the label files differ, and in how many classes there are. */
const idx: SourcePair = {
  format: 'IDX with label files',
  classNames: [],
  write(folder) {
    const labels = (count: number, classes: number) =>
      idxLabels(Array.from({ length: count }, (_, i) => (i * 7) % classes));
    const files = (classes: number): Files => ({
      'train-images-idx3-ubyte': idxImages(COUNT),
      'train-labels-idx1-ubyte': labels(COUNT, classes),
      't10k-images-idx3-ubyte': idxImages(24),
      't10k-labels-idx1-ubyte': labels(24, classes),
    });
    return both(folder, [files(10), files(3)]);
  },
};

/** A folder for each class, so named that pictures come in the same order though the classes are others. */
const folders: SourcePair = {
  format: 'folders named after classes',
  classNames: ['quagga-class', 'zebu-class', 'walrus-class', 'narwhal-class', 'orca-class'],
  async write(folder) {
    const pictures = await Promise.all(Array.from({ length: COUNT }, (_, i) => pictureFile(i)));
    const sorted = (classOf: (i: number) => string): Files =>
      Object.fromEntries(
        pictures.map((bytes, i) => [`${classOf(i)}/${classOf(i)}-${String(i).padStart(3, '0')}.png`, bytes]),
      );
    return both(folder, [
      sorted((i) => (i < COUNT / 2 ? 'a-quagga-class' : 'b-zebu-class')),
      sorted((i) => (i < 20 ? 'a-walrus-class' : i < 70 ? 'b-narwhal-class' : 'c-orca-class')),
    ]);
  },
};

export const sourcePairs: readonly SourcePair[] = [cifar, idx, folders];
