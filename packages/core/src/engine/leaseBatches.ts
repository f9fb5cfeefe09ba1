import { exampleOrder, gatherBatch, gatherLabels } from '../data/batchOrder.ts';
import { pictureByteCount } from '../data/shardLayout.ts';
import { fold, key } from '../random/key.ts';
import type { ShardPictures } from '../data/shard.ts';
import type { Batch } from '../objectives/objective.ts';
import type { Lease } from '../protocol/round.ts';
import type { Key } from '../random/key.ts';
import type { ShardStore } from './shardStore.ts';

interface Run {
  readonly shard: ShardPictures;
  /** Indices into the shard, in the order in which they are due. */
  readonly indices: Uint32Array;
}

export interface LeaseBatches {
  /** Examples leased in all. */
  readonly examples: number;
  /** What a step trains on: the leased examples in their order, from the start again at the end; with the labels that shards carry. */
  batch(step: number): Batch;
}

/**
 * The batches that leases stand for: lease after lease, each through its range of the shard's seeded order, so that
 * the first `samples` examples of the leases are those that were trained on (SH2).
 * Throws when a shard is not there: ask for the missing ones first.
 */
export function leaseBatches(
  seed: number,
  leases: readonly Lease[],
  batchSize: number,
  shards: ShardStore,
): LeaseBatches {
  const runs = leases.map((lease): Run => {
    const shard = shards.get(lease.shard);
    if (!shard) throw new Error(`leaseBatches: shard ${lease.shard} is not loaded; add it before training`);
    const order = exampleOrder(seed, lease.shard, lease.epoch, shard.count);
    return { shard, indices: order.subarray(lease.start, lease.start + lease.count) };
  });
  const examples = runs.reduce((sum, run) => sum + run.indices.length, 0);
  return { examples, batch: (step) => collect(runs, examples, step * batchSize, batchSize) };
}

function collect(runs: readonly Run[], examples: number, from: number, batchSize: number): Batch {
  const pieces: Batch[] = [];
  for (let taken = 0; taken < batchSize;) {
    const { shard, indices } = runAt(runs, (from + taken) % examples);
    const some = indices.subarray(0, batchSize - taken);
    pieces.push(gather(shard, some));
    taken += some.length;
  }
  return joined(pieces);
}

function gather({ pixels, side, channels, labels }: ShardPictures, indices: Uint32Array): Batch {
  const pictures = gatherBatch(pixels, indices, pictureByteCount(side, channels));
  return labels === undefined ? { pictures } : { pictures, labels: gatherLabels(labels, indices) };
}

/** What is left of the run that holds `position`, from there on. */
function runAt(runs: readonly Run[], position: number): Run {
  let start = 0;
  for (const run of runs) {
    if (position < start + run.indices.length) {
      return { ...run, indices: run.indices.subarray(position - start) };
    }
    start += run.indices.length;
  }
  throw new Error(`leaseBatches: expected a position below ${start}, received ${position}`);
}

/** One batch after the other. Of one data set all shards carry labels, or none does. */
function joined(pieces: readonly Batch[]): Batch {
  const pictures = concat(
    new Uint8Array(sizeOf(pieces.map((p) => p.pictures))),
    pieces.map((p) => p.pictures),
  );
  const labels = pieces.flatMap((piece) => piece.labels ?? []);
  if (labels.length === 0) return { pictures };
  if (labels.length < pieces.length)
    throw new Error('leaseBatches: expected labels in every shard or in none');
  return { pictures, labels: concat(new Uint16Array(sizeOf(labels)), labels) };
}

const sizeOf = (pieces: readonly { readonly length: number }[]): number =>
  pieces.reduce((sum, { length }) => sum + length, 0);

/** Fills `whole` with the pieces. */
function concat<T extends Uint8Array | Uint16Array>(whole: T, pieces: readonly T[]): T {
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The randomness of a lease: the same seed and lease give the same masks on every machine (AG3). */
export function leaseKey(seed: number, leases: readonly Lease[]): Key {
  return leases.reduce(
    (parent, lease) => fold(fold(fold(parent, lease.shard), lease.epoch), lease.start),
    fold(key(seed), 'training'),
  );
}
