import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surplus, type KeptFile, type ShardCache } from '../host/shardCache.ts';

const HASH = /^[0-9a-f]{64}$/;

/** Shard files in a folder, each under its name; several processes may share it. Rejects where the disk refuses. */
export function diskShardCache(folder: string, maxBytes: number): ShardCache {
  const place = (hash: string): string => {
    if (!HASH.test(hash))
      throw new Error(`diskShardCache: expected 64 hex digits, received ${hash.slice(0, 80)}`);
    return join(folder, hash);
  };
  return {
    async get(hash) {
      const file = await readFile(place(hash)).catch(missingIsUndefined);
      return file && new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    },
    async put(hash, file) {
      const target = place(hash);
      await mkdir(folder, { recursive: true });
      // Another process never sees half a file.
      const draft = `${target}.${process.pid}.part`;
      await writeFile(draft, file);
      await rename(draft, target);
      const gone = surplus(await keptFiles(folder), maxBytes);
      await Promise.all(gone.map((name) => rm(join(folder, name), { force: true })));
    },
    remove: (hash) => rm(place(hash), { force: true }),
  };
}

async function keptFiles(folder: string): Promise<KeptFile[]> {
  const names = (await readdir(folder)).filter((name) => HASH.test(name));
  const files = names.map(async (hash) => {
    const found = await stat(join(folder, hash)).catch(missingIsUndefined);
    return found ? [{ hash, bytes: found.size, keptAtMs: found.mtimeMs }] : [];
  });
  return (await Promise.all(files)).flat();
}

/** What another process removed in the meantime is simply not there. */
function missingIsUndefined(cause: unknown): undefined {
  if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
  throw cause;
}
