import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EXPECTED, detectedFiles, isFile, mixture } from './detected.ts';
import type { Detected } from './detected.ts';
import { detectFolder } from './detectFolder.ts';
import { KindTally, isDataKind, kindOf } from './fileKind.ts';
import type { FileKind } from './fileKind.ts';
import { InputError, naming } from './inputError.ts';
import { filesMatching, isPattern } from './pathPattern.ts';

async function kindOfWhole(path: string): Promise<FileKind> {
  const { size } = await naming(path, () => stat(path));
  if (size === 0) throw new InputError(`${path} is empty (0 bytes): expected ${EXPECTED}.`);
  return kindOf(path);
}

const unknown = (path: string): InputError =>
  new InputError(`${path} is of no known format: expected ${EXPECTED}, or the word glyphs.`);

/** One or more files of one kind. Throws InputError where that kind is no source of its own. */
async function detectFiles(kind: FileKind, files: readonly string[]): Promise<Detected> {
  const [first = ''] = files;
  if (kind === 'picture')
    throw new InputError(`${first} is one picture: name the folder that holds all of them.`);
  if (kind === 'idxLabels') {
    throw new InputError(
      `${first} holds labels only: name the file of the pictures (…-images-idx3-ubyte) or their folder.`,
    );
  }
  if (!isDataKind(kind)) throw unknown(first);
  const meta = join(dirname(first), 'batches.meta.txt');
  return detectedFiles(kind, files, kind === 'cifar10' && (await isFile(meta)) ? meta : undefined);
}

/** Files that go with others (labels, class names) may match too: they are found beside those anyway. */
async function detectPattern(pattern: string): Promise<Detected> {
  const tally = new KindTally();
  const files: string[] = [];
  const besides: { path: string; kind: FileKind }[] = [];
  for (const path of await filesMatching(pattern)) {
    const kind = await kindOfWhole(path);
    if (kind === 'other') throw unknown(path);
    if (isDataKind(kind)) {
      tally.add(kind, basename(path));
      files.push(path);
    } else besides.push({ path, kind });
  }
  const [kind, second] = tally.kinds();
  if (second !== undefined)
    throw mixture(`${pattern} matches`, tally, 'Change the pattern so that it matches one kind.');
  if (kind !== undefined) return detectFiles(kind, files);
  return detectFiles(besides[0]?.kind ?? 'other', [besides[0]?.path ?? pattern]);
}

const statOrNothing = (path: string) => stat(path).catch(() => undefined); // the caller asks again, and hears why

/**
 * Says what `source` (a folder, a file, a pattern such as "parts/part_*.tar" or the word "glyphs") is, by names and
 * first bytes. Throws InputError.
 */
export async function detect(source: string): Promise<Detected> {
  if (source === 'glyphs') return { format: 'glyphs' };
  return naming(source, async () => {
    const found = await statOrNothing(source);
    if (found?.isDirectory()) return detectFolder(source);
    if (found === undefined && isPattern(source)) return detectPattern(source);
    return detectFiles(await kindOfWhole(source), [source]);
  });
}
