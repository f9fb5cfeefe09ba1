import { createStore, del, get, set, update } from 'idb-keyval';
import { surplus, type KeptFile, type ShardCache } from './shardCache.ts';

const INDEX = 'index';

/** Shard files in IndexedDB, which plain-http pages have too. Rejects where the browser refuses or the quota is used up. */
export function indexedDbShardCache(maxBytes: number, wallClockMs: () => number): ShardCache {
  const files = createStore('murmur-shard-files', 'files');
  // A store of its own, so that choosing what goes does not read the files.
  const index = createStore('murmur-shard-index', 'index');
  const change = (next: (files: readonly KeptFile[]) => readonly KeptFile[]) =>
    update<readonly KeptFile[]>(INDEX, (old) => next(old ?? []), index);

  const cache: ShardCache = {
    async get(hash) {
      const file: unknown = await get(hash, files);
      return file instanceof Uint8Array ? file : undefined;
    },
    async put(hash, file) {
      await set(hash, file, files);
      let gone: string[] = [];
      await change((old) => {
        const entry = { hash, bytes: file.byteLength, keptAtMs: wallClockMs() };
        const kept = [...old.filter((f) => f.hash !== hash), entry];
        gone = surplus(kept, maxBytes);
        return kept.filter((f) => !gone.includes(f.hash));
      });
      await Promise.all(gone.map((name) => del(name, files)));
    },
    async remove(hash) {
      await del(hash, files);
      await change((old) => old.filter((f) => f.hash !== hash));
    },
  };
  return cache;
}
