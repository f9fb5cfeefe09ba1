import { basename } from 'node:path';
import { ByteReader } from './byteReader.ts';
import { isPicturePath } from './picturePath.ts';

/** Kinds of files that are a source, alone or with their like. */
export type DataKind = 'idxImages' | 'cifar10' | 'tar' | 'picture';
/** What a file may be: data, what stands beside data, or neither. */
export type FileKind = DataKind | 'idxLabels' | 'cifarMeta' | 'other';

const dataKindNames: Readonly<Record<DataKind, string>> = {
  idxImages: 'IDX files',
  cifar10: 'CIFAR-10 batches',
  tar: 'tar archives',
  picture: 'pictures',
};

export const isDataKind = (kind: FileKind): kind is DataKind => kind in dataKindNames;

export function kindByName(path: string): FileKind {
  const name = basename(path);
  if (/idx1-ubyte(\.gz)?$/i.test(name)) return 'idxLabels';
  if (/idx3-ubyte(\.gz)?$/i.test(name)) return 'idxImages';
  if (/\.(tar|tar\.gz|tgz)$/i.test(name)) return 'tar';
  if (/\.bin(\.gz)?$/i.test(name)) return 'cifar10';
  if (name === 'batches.meta.txt') return 'cifarMeta';
  return isPicturePath(path) ? 'picture' : 'other';
}

/** By the first (unpacked) bytes: IDX says so itself, and a ustar archive says it at byte 257. */
async function kindByContent(path: string): Promise<FileKind> {
  const reader = await ByteReader.open(path);
  try {
    const head = Buffer.from(await reader.read(512));
    if (head.length >= 4 && head.readUInt32BE(0) === 0x803) return 'idxImages';
    if (head.length >= 4 && head.readUInt32BE(0) === 0x801) return 'idxLabels';
    return head.subarray(257, 262).toString('latin1') === 'ustar' ? 'tar' : 'other';
  } finally {
    await reader.close();
  }
}

/** By its name, and only where that says nothing by its content. */
export async function kindOf(path: string): Promise<FileKind> {
  const named = kindByName(path);
  return named === 'other' ? kindByContent(path) : named;
}

/** How many files of each kind of data there are, and the first of each. */
export class KindTally {
  private readonly examples = new Map<DataKind, { count: number; first: string }>();

  add(kind: DataKind, name: string): void {
    const seen = this.examples.get(kind);
    this.examples.set(kind, { count: (seen?.count ?? 0) + 1, first: seen?.first ?? name });
  }

  kinds(): readonly DataKind[] {
    return [...this.examples.keys()];
  }

  /** "pictures (a.png) and tar archives (b.tar and 1 more)". */
  words(): string {
    const found = [...this.examples].map(([kind, { count, first }]) => {
      const more = count > 1 ? ` and ${count - 1} more` : '';
      return `${dataKindNames[kind]} (${first}${more})`;
    });
    return found.join(' and ');
  }
}
