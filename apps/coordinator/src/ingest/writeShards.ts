import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeShard, maxShardBytes, shardHash } from '@murmur/core/data/shard';
import { exampleByteCount } from '@murmur/core/data/shardLayout';
import type { ShardEntry } from '@murmur/core/data/manifest';
import { writeAtomically } from './atomicFile.ts';

/** A picture on its way into a shard; it has a label only where labels are to be in the shards (SH3). */
export interface Example {
  /** uint8 [side, side, channels] */
  readonly pixels: Uint8Array;
  readonly label?: number;
}

export interface ShardPlan {
  readonly folder: string;
  /** Pictures to come, in all. */
  readonly total: number;
  readonly side: number;
  readonly channels: 1 | 3;
  /** Whether every picture comes with a label. */
  readonly withLabels: boolean;
  /** Size of a compressed shard to aim at. */
  readonly shardBytes: number;
  readonly onPicture: () => void;
}

/** Packs examples as one shard. */
function pack(examples: readonly Example[], { side, channels, withLabels }: ShardPlan): Uint8Array {
  const pixels = Buffer.concat(examples.map((example) => example.pixels));
  const pictures = { count: examples.length, side, channels, pixels };
  if (!withLabels) return encodeShard(pictures);
  const labels = Uint16Array.from(examples, ({ label }) => {
    if (label === undefined) throw new Error('writeShards: expected a label with each picture');
    return label;
  });
  return encodeShard({ ...pictures, labels });
}

async function writeShard(examples: readonly Example[], plan: ShardPlan): Promise<ShardEntry> {
  const file = pack(examples, plan);
  const entry = { hash: shardHash(file), count: examples.length, bytes: file.length };
  const path = join(plan.folder, entry.hash);
  const present = await stat(path).catch(() => undefined); // absent is the usual answer
  if (present?.size !== file.length) await writeAtomically(path, file);
  return entry;
}

const mostIn = (bytes: number, { side, channels, withLabels }: ShardPlan): number =>
  Math.floor(bytes / exampleByteCount(side, channels, withLabels));

/** Pictures that may be gathered before the first shard is planned: enough to know how well they compress. */
const trialCount = (plan: ShardPlan): number =>
  Math.min(plan.total, Math.max(1, mostIn(Math.min(plan.shardBytes, maxShardBytes), plan)));

/** How many pictures each shard gets: as few shards as the aimed size allows, all alike in length. */
function planCounts(trial: readonly Example[], plan: ShardPlan): number[] {
  const bytesEach = pack(trial, plan).length / trial.length;
  const each = Math.max(1, Math.min(mostIn(maxShardBytes, plan), Math.floor(plan.shardBytes / bytesEach)));
  const shards = Math.ceil(plan.total / each);
  return Array.from(
    { length: shards },
    (_, i) => Math.floor(((i + 1) * plan.total) / shards) - Math.floor((i * plan.total) / shards),
  );
}

/**
 * Cuts a shuffled stream of pictures into shard files named by their hash. Since the stream is shuffled, the first
 * pictures tell how well all of them compress, and with it how many make a shard. Borrows each picture's pixels until the next.
 */
export async function writeShards(examples: AsyncIterable<Example>, plan: ShardPlan): Promise<ShardEntry[]> {
  await mkdir(plan.folder, { recursive: true });
  const entries: ShardEntry[] = [];
  const trial = trialCount(plan);
  let counts: number[] | undefined;
  let pending: Example[] = [];
  for await (const example of examples) {
    pending.push({ ...example, pixels: Uint8Array.prototype.slice.call(example.pixels) });
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
