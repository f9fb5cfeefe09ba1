import { decodeShard } from '../data/shard.ts';
import type { DatasetManifest } from '../data/manifest.ts';
import type { ShardPictures } from '../data/shard.ts';
import type { Lease } from '../protocol/round.ts';

/** The unpacked shards of the newest leases, and nothing else: memory stays level however long the run is. */
export interface ShardStore {
  /** False when the file is not the shard of that name. */
  add(hash: string, file: Uint8Array): boolean;
  get(hash: string): ShardPictures | undefined;
  /** Shards of these leases that are not here; forgets every shard that they do not need. */
  missing(leases: readonly Lease[]): string[];
}

export function createShardStore(manifest: DatasetManifest): ShardStore {
  const { side, channels, classCount } = manifest;
  const counts = new Map(manifest.shards.map((shard) => [shard.hash, shard.count]));
  const shards = new Map<string, ShardPictures>();
  return {
    add(hash, file) {
      const count = counts.get(hash);
      if (count === undefined) return false;
      const decoded = decodeShard(file, { hash, count, side, channels, classCount });
      if (decoded.ok) shards.set(hash, decoded.shard);
      return decoded.ok;
    },
    get: (hash) => shards.get(hash),
    missing(leases) {
      const wanted = new Set(leases.map((lease) => lease.shard));
      for (const hash of shards.keys()) if (!wanted.has(hash)) shards.delete(hash);
      return [...wanted].filter((hash) => !shards.has(hash));
    },
  };
}
