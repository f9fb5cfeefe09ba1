import { open, rename } from 'node:fs/promises';

/** Writes a whole file or none: under another name first, flushed to the disk, then renamed. */
export async function writeAtomically(path: string, content: Uint8Array | string): Promise<void> {
  const unfinished = `${path}.unfinished-${process.pid}`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
}
