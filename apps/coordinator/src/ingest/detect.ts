import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ByteReader } from './byteReader.ts';
import { InputError, counted, naming } from './inputError.ts';
import { labelStem } from './idx.ts';
import type { IdxPair } from './idx.ts';
import { isPicturePath } from './picturePath.ts';
import { walkFiles } from './walkFiles.ts';

/** What a source turned out to be, with the files that make it. */
export type Detected =
  | { readonly format: 'glyphs' }
  | { readonly format: 'idx'; readonly pairs: readonly IdxPair[] }
  | { readonly format: 'cifar10'; readonly files: readonly string[]; readonly metaPath?: string }
  | { readonly format: 'tarImages'; readonly files: readonly string[] }
  | { readonly format: 'imageFolder'; readonly root: string };

type FileKind = 'idxImages' | 'idxLabels' | 'cifar10' | 'cifarMeta' | 'tar' | 'picture' | 'other';
type DataKind = 'idxImages' | 'cifar10' | 'tar' | 'picture';

const DATA_KINDS: Readonly<Record<DataKind, string>> = {
  idxImages: 'IDX files',
  cifar10: 'CIFAR-10 batches',
  tar: 'tar archives',
  picture: 'pictures',
};
const EXPECTED =
  'a folder of pictures (JPEG, PNG, WebP), a .tar or .tar.gz of pictures, IDX files (…-images-idx3-ubyte[.gz]) ' +
  'or CIFAR-10 batches (.bin[.gz])';

function kindByName(path: string): FileKind {
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

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false, // absent is the answer, not a failure
  );

async function withLabels(images: string): Promise<IdxPair> {
  const stem = join(dirname(images), labelStem(basename(images)));
  for (const labels of [stem, `${stem}.gz`]) {
    if (labels !== images && (await isFile(labels))) return { images, labels };
  }
  return { images };
}

/** Of a file and its own .gz, only the plain one. */
const withoutTwins = (paths: readonly string[]): string[] =>
  paths.filter((path) => !(path.endsWith('.gz') && paths.includes(path.slice(0, -'.gz'.length))));

async function detectedFiles(kind: DataKind, files: readonly string[], metaPath?: string): Promise<Detected> {
  if (kind === 'tar') return { format: 'tarImages', files: withoutTwins(files) };
  if (kind === 'idxImages')
    return { format: 'idx', pairs: await Promise.all(withoutTwins(files).map(withLabels)) };
  return { format: 'cifar10', files: withoutTwins(files), ...(metaPath === undefined ? {} : { metaPath }) };
}

/** Files found in a folder; of pictures, which may be millions, only the number and the first. */
interface FolderListing {
  readonly examples: Map<DataKind, { count: number; first: string }>;
  readonly files: string[];
  metaPath?: string;
  others: number;
}

async function listFolder(root: string): Promise<FolderListing> {
  const listing: FolderListing = { examples: new Map(), files: [], others: 0 };
  for await (const path of walkFiles(root)) {
    const kind = kindByName(path);
    if (kind === 'cifarMeta') listing.metaPath = join(root, path);
    if (kind === 'other') listing.others++;
    if (kind === 'other' || kind === 'cifarMeta' || kind === 'idxLabels') continue;
    const seen = listing.examples.get(kind);
    listing.examples.set(kind, { count: (seen?.count ?? 0) + 1, first: seen?.first ?? path });
    if (kind !== 'picture') listing.files.push(join(root, path));
  }
  return listing;
}

function mixture(root: string, { examples }: FolderListing): InputError {
  const found = [...examples].map(([kind, { count, first }]) => {
    const more = count > 1 ? ` and ${count - 1} more` : '';
    return `${DATA_KINDS[kind]} (${first}${more})`;
  });
  return new InputError(
    `${root} holds a mix of formats: ${found.join(' and ')}. Name one file as the source, or move one kind to another folder.`,
  );
}

async function detectFolder(root: string): Promise<Detected> {
  const listing = await listFolder(root);
  const [kind, second] = listing.examples.keys();
  if (kind === undefined) {
    const found =
      listing.others === 0 ? 'is empty' : `holds ${counted(listing.others, 'file')} of no known kind`;
    throw new InputError(`${root} ${found}: expected ${EXPECTED}.`);
  }
  if (second !== undefined) throw mixture(root, listing);
  if (kind === 'picture') return { format: 'imageFolder', root };
  return detectedFiles(kind, listing.files, listing.metaPath);
}

async function detectFile(path: string, size: number): Promise<Detected> {
  if (size === 0) throw new InputError(`${path} is empty (0 bytes): expected ${EXPECTED}.`);
  const named = kindByName(path);
  const kind = named === 'other' ? await kindByContent(path) : named;
  if (kind === 'picture')
    throw new InputError(`${path} is one picture: name the folder that holds all of them.`);
  if (kind === 'idxLabels') {
    throw new InputError(
      `${path} holds labels only: name the file of the pictures (…-images-idx3-ubyte) or their folder.`,
    );
  }
  if (kind === 'other' || kind === 'cifarMeta') {
    throw new InputError(`${path} is of no known format: expected ${EXPECTED}, or the word glyphs.`);
  }
  const meta = join(dirname(path), 'batches.meta.txt');
  return detectedFiles(kind, [path], kind === 'cifar10' && (await isFile(meta)) ? meta : undefined);
}

/** Says what `source` (a folder, a file or the word "glyphs") is, by names and first bytes. Throws InputError. */
export async function detect(source: string): Promise<Detected> {
  if (source === 'glyphs') return { format: 'glyphs' };
  return naming(source, async () => {
    const found = await stat(source);
    return found.isDirectory() ? detectFolder(source) : detectFile(source, found.size);
  });
}
