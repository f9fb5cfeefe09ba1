import { join } from 'node:path';
import { EXPECTED, detectedFiles, mixture } from './detected.ts';
import type { Detected } from './detected.ts';
import { KindTally, isDataKind, kindByName } from './fileKind.ts';
import { InputError, counted } from './inputError.ts';
import { walkFiles } from './walkFiles.ts';

/** Files found in a folder; of pictures, which may be millions, only the number and the first. */
interface FolderListing {
  readonly tally: KindTally;
  readonly files: string[];
  metaPath?: string;
  others: number;
}

async function listFolder(root: string): Promise<FolderListing> {
  const listing: FolderListing = { tally: new KindTally(), files: [], others: 0 };
  for await (const path of walkFiles(root)) {
    const kind = kindByName(path);
    if (kind === 'cifarMeta') listing.metaPath = join(root, path);
    if (kind === 'other') listing.others++;
    if (!isDataKind(kind)) continue;
    listing.tally.add(kind, path);
    if (kind !== 'picture') listing.files.push(join(root, path));
  }
  return listing;
}

/** Says what a folder is by the names of its files. Throws InputError. */
export async function detectFolder(root: string): Promise<Detected> {
  const { tally, files, metaPath, others } = await listFolder(root);
  const [kind, second] = tally.kinds();
  if (kind === undefined) {
    const found = others === 0 ? 'is empty' : `holds ${counted(others, 'file')} of no known kind`;
    throw new InputError(`${root} ${found}: expected ${EXPECTED}.`);
  }
  if (second !== undefined) {
    const remedy =
      "Name one file as the source, or several of one kind by a pattern in quotes ('…/*.tar.gz'), " +
      'or move one kind to another folder.';
    throw mixture(`${root} holds`, tally, remedy);
  }
  if (kind === 'picture') return { format: 'imageFolder', root };
  return detectedFiles(kind, files, metaPath);
}
