import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { naming } from './inputError.ts';

const byCodeUnits = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
const isHidden = (name: string): boolean => name.startsWith('.') || name === '__MACOSX';

/**
 * Paths below `root` with "/" between names, in the same order on every machine; hidden names are left out and
 * links to folders not followed. Holds one folder's names at a time.
 */
export async function* walkFiles(root: string, below = ''): AsyncGenerator<string> {
  const folder = join(root, below);
  const entries = await naming(folder, () => readdir(folder, { withFileTypes: true }));
  for (const entry of entries.sort(byCodeUnits)) {
    if (isHidden(entry.name)) continue;
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* walkFiles(root, path);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isLinkedFile(join(root, path))))) yield path;
  }
}

async function isLinkedFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false; // a link that leads nowhere is as good as no file
  }
}
