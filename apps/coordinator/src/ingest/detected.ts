import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DataKind, KindTally } from './fileKind.ts';
import { labelStem } from './idx.ts';
import type { IdxPair } from './idx.ts';
import { InputError } from './inputError.ts';

/** What a source turned out to be, with the files that make it. */
export type Detected =
  | { readonly format: 'glyphs' }
  | { readonly format: 'idx'; readonly pairs: readonly IdxPair[] }
  | { readonly format: 'cifar10'; readonly files: readonly string[]; readonly metaPath?: string }
  | { readonly format: 'tarImages'; readonly files: readonly string[] }
  | { readonly format: 'imageFolder'; readonly root: string };

/** What would have been a source, for sentences. */
export const EXPECTED =
  'a folder of pictures (JPEG, PNG, WebP), a .tar or .tar.gz of pictures, IDX files (…-images-idx3-ubyte[.gz]) ' +
  'or CIFAR-10 batches (.bin[.gz])';

export const isFile = (path: string): Promise<boolean> =>
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

/** Files of one kind as a source. */
export async function detectedFiles(
  kind: Exclude<DataKind, 'picture'>,
  files: readonly string[],
  metaPath?: string,
): Promise<Detected> {
  if (kind === 'tar') return { format: 'tarImages', files: withoutTwins(files) };
  if (kind === 'idxImages')
    return { format: 'idx', pairs: await Promise.all(withoutTwins(files).map(withLabels)) };
  return { format: 'cifar10', files: withoutTwins(files), ...(metaPath === undefined ? {} : { metaPath }) };
}

/** `source` "holds" or "matches" more than one kind. */
export const mixture = (source: string, tally: KindTally, remedy: string): InputError =>
  new InputError(`${source} a mix of formats: ${tally.words()}. ${remedy}`);
