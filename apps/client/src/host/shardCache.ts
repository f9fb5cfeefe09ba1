/** Keeps shard files between visits. Checks nothing: the engine verifies what comes out. */
export interface ShardCache {
  get(hash: string): Promise<Uint8Array | undefined>;
  /** Keeps a copy; the oldest files make room. */
  put(hash: string, file: Uint8Array): Promise<void>;
  remove(hash: string): Promise<void>;
}

/** What one kept file is worth knowing of, to choose what goes first. */
export interface KeptFile {
  readonly hash: string;
  readonly bytes: number;
  readonly keptAtMs: number;
}

/** The oldest files, until the others take at most `maxBytes`. */
export function surplus(files: readonly KeptFile[], maxBytes: number): string[] {
  let total = files.reduce((sum, file) => sum + file.bytes, 0);
  const oldestFirst = [...files].sort((a, b) => a.keptAtMs - b.keptAtMs);
  return oldestFirst.flatMap((file) => {
    if (total <= maxBytes) return [];
    total -= file.bytes;
    return [file.hash];
  });
}

/** Until the page or process ends. */
export function memoryShardCache(maxBytes: number): ShardCache {
  const files = new Map<string, Uint8Array>();
  return {
    get: async (hash) => files.get(hash)?.slice(),
    async put(hash, file) {
      files.delete(hash);
      files.set(hash, file.slice());
      const kept = [...files].map(([name, { byteLength }], i) => ({
        hash: name,
        bytes: byteLength,
        keptAtMs: i,
      }));
      for (const name of surplus(kept, maxBytes)) files.delete(name);
    },
    remove: async (hash) => void files.delete(hash),
  };
}

/** Uses `first` until it fails, then says so once and uses `second`. */
export function withFallback(
  first: ShardCache,
  second: ShardCache,
  log: (sentence: string) => void,
): ShardCache {
  let current = first;
  async function attempt<T>(use: (cache: ShardCache) => Promise<T>): Promise<T> {
    const used = current;
    try {
      return await use(used);
    } catch (cause) {
      if (used === second) throw cause;
      if (current === first) {
        const why = cause instanceof Error ? cause.message : String(cause);
        log(
          `Data cannot be kept on this device (${why}); they are kept until this ends and fetched again next time.`,
        );
        current = second;
      }
      return use(second);
    }
  }
  return {
    get: (hash) => attempt((cache) => cache.get(hash)),
    put: (hash, file) => attempt((cache) => cache.put(hash, file)),
    remove: (hash) => attempt((cache) => cache.remove(hash)),
  };
}
