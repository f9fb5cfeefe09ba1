import { codecOf } from '../codec/registry.ts';
import { pseudoGradient } from '../train/pseudoGradient.ts';
import { encodeParts, norm } from './contribution.ts';
import { leaseBatches, leaseKey } from './leaseBatches.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { TrainRequest, TrainResult as TrainerResult } from '../train/trainer.ts';
import type { TrainResult } from '../volunteer/ports.ts';
import type { ShardStore } from './shardStore.ts';

/** The shape in which the engine's port tells an expected failure. */
export const failed = (sentence: string) => ({ kind: 'failed', sentence }) as const;

export const unknownCodec = (id: string): string =>
  `The round uses the codec "${id}", which this volunteer does not have. Reload the page to fetch the right version.`;

export const wrongBase = (manifest: RoundManifest, base: string | undefined): string =>
  `Round ${manifest.round} starts from version ${manifest.base.slice(0, 12)}, here is ${base?.slice(0, 12) ?? 'none'}.`;

/** Why this round cannot be trained with what is here, as a sentence. */
export function cannotTrain(
  manifest: RoundManifest,
  leases: readonly Lease[],
  shards: ShardStore,
): string | undefined {
  if (!codecOf(manifest.codec)) return unknownCodec(manifest.codec);
  if (leases.length === 0) return `Round ${manifest.round} leased no examples to this volunteer.`;
  const outside = leases.find(({ shard, start, count }) => start + count > (shards.get(shard)?.count ?? 0));
  if (outside) return `Shard ${outside.shard.slice(0, 12)} is not here or shorter than its lease.`;
  return undefined;
}

/** What the manifest and the leases ask of the trainer. Throws when a shard is missing: ask `cannotTrain` first. */
export function trainRequest(
  manifest: RoundManifest,
  leases: readonly Lease[],
  params: Float32Array,
  shards: ShardStore,
): TrainRequest {
  const { seed, batchSize, learningRate, optimizer, minSteps, trainMs } = manifest;
  const { examples, batch } = leaseBatches(seed, leases, batchSize, shards);
  return {
    params,
    minSteps,
    // No example twice in a round while there are others.
    maxSteps: Math.max(minSteps, Math.min(manifest.maxSteps, Math.floor(examples / batchSize))),
    budgetMs: trainMs,
    batchSize,
    learningRate,
    optimizer,
    key: leaseKey(seed, leases),
    nextBatch: batch,
  };
}

/** What training gave, encoded for the exchange; values that are not finite are never sent. */
export function contribution(
  manifest: RoundManifest,
  base: Float32Array,
  outcome: TrainerResult,
): TrainResult {
  if ('cancelled' in outcome) return { kind: 'cancelled' };
  if ('failed' in outcome) return failed(`Training stopped: ${outcome.failed}.`);
  const codec = codecOf(manifest.codec);
  if (!codec) return failed(unknownCodec(manifest.codec));
  const gradient = pseudoGradient(base, outcome.params);
  const length = norm(gradient);
  if (!Number.isFinite(length) || !Number.isFinite(outcome.loss)) {
    return failed('Training gave values that are not finite; they were discarded.');
  }
  const { samples, steps, loss, trainMs } = outcome;
  return {
    kind: 'trained',
    samples,
    steps,
    loss,
    norm: length,
    trainMs,
    ...encodeParts(gradient, manifest.parts, codec),
  };
}
