import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BLOB_NAME, blobName, type BlobStore } from './blobStore.ts';

/** Begins with a dot, so it is never a blob's name. */
const UNFINISHED = '.unfinished-';

/** Blobs as files of `dir`, made when missing. What a crash left unfinished is removed. */
export async function fileBlobStore(dir: string): Promise<BlobStore> {
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(dir)) {
    if (name.startsWith(UNFINISHED)) await rm(join(dir, name), { force: true });
  }
  let writes = 0;
  const path = (name: string) => join(dir, blobName(name));
  return {
    async put(name, bytes) {
      const target = path(name);
      const unfinished = join(dir, `${UNFINISHED}${process.pid}-${++writes}`);
      await writeDurably(unfinished, bytes);
      await rename(unfinished, target);
      await syncFolder(dir);
    },
    async get(name) {
      const bytes = await orMissing(readFile(path(name)));
      return bytes && new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    has: async (name) => (await orMissing(stat(path(name)))) !== undefined,
    delete: (name) => rm(path(name), { force: true }),
    list: async () => (await readdir(dir)).filter((name) => BLOB_NAME.test(name)).sort(),
  };
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename last over a power cut. Windows has no such call and needs none. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
