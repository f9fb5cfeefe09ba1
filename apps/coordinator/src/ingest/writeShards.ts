import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeShard, maxShardPixelBytes, pictureByteCount, shardHash } from '@murmur/core/data/shard';
import type { ShardEntry } from '@murmur/core/data/manifest';
import { writeAtomically } from './atomicFile.ts';

export interface ShardPlan {
  readonly folder: string;
  /** Pictures to come, in all. */
  readonly total: number;
  readonly side: number;
  readonly channels: 1 | 3;
  /** Size of a compressed shard to aim at. */
  readonly shardBytes: number;
  readonly onPicture: () => void;
}

/** Packs `pictures` (each uint8 [side, side, channels]) as one shard. */
function pack(pictures: readonly Uint8Array[], { side, channels }: ShardPlan): Uint8Array {
  return encodeShard({ count: pictures.length, side, channels, pixels: Buffer.concat(pictures) });
}

async function writeShard(pictures: readonly Uint8Array[], plan: ShardPlan): Promise<ShardEntry> {
  const file = pack(pictures, plan);
  const entry = { hash: shardHash(file), count: pictures.length, bytes: file.length };
  const path = join(plan.folder, entry.hash);
  const present = await stat(path).catch(() => undefined); // absent is the usual answer
  if (present?.size !== file.length) await writeAtomically(path, file);
  return entry;
}

/** Pictures that may be gathered before the first shard is planned: enough to know how well they compress. */
const trialCount = ({ side, channels, shardBytes, total }: ShardPlan): number =>
  Math.min(
    total,
    Math.max(1, Math.floor(Math.min(shardBytes, maxShardPixelBytes) / pictureByteCount(side, channels))),
  );

/** How many pictures each shard gets: as few shards as the aimed size allows, all alike in length. */
function planCounts(trial: readonly Uint8Array[], plan: ShardPlan): number[] {
  const bytesEach = pack(trial, plan).length / trial.length;
  const most = Math.floor(maxShardPixelBytes / pictureByteCount(plan.side, plan.channels));
  const each = Math.max(1, Math.min(most, Math.floor(plan.shardBytes / bytesEach)));
  const shards = Math.ceil(plan.total / each);
  return Array.from(
    { length: shards },
    (_, i) => Math.floor(((i + 1) * plan.total) / shards) - Math.floor((i * plan.total) / shards),
  );
}

/**
 * Cuts a shuffled stream of pictures into shard files named by their hash. Since the stream is shuffled, the first
 * pictures tell how well all of them compress, and with it how many make a shard. Borrows each picture until the next.
 */
export async function writeShards(
  pictures: AsyncIterable<Uint8Array>,
  plan: ShardPlan,
): Promise<ShardEntry[]> {
  await mkdir(plan.folder, { recursive: true });
  const entries: ShardEntry[] = [];
  const trial = trialCount(plan);
  let counts: number[] | undefined;
  let pending: Uint8Array[] = [];
  for await (const picture of pictures) {
    pending.push(Uint8Array.prototype.slice.call(picture));
    plan.onPicture();
    if (pending.length === trial) counts ??= planCounts(pending, plan);
    for (
      let want = counts?.[entries.length];
      want !== undefined && pending.length >= want;
      want = counts?.[entries.length]
    ) {
      entries.push(await writeShard(pending.slice(0, want), plan));
      pending = pending.slice(want);
    }
  }
  if (pending.length > 0)
    throw new Error(`writeShards: ${pending.length} pictures more than the ${plan.total} announced`);
  return entries;
}
