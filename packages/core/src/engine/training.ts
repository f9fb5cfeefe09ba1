import { averageContributions } from '../aggregate/average.ts';
import { codecOf } from '../codec/registry.ts';
import { norm } from '../aggregate/norm.ts';
import { withCarried } from './carried.ts';
import { encodeParts, encodingError } from './contribution.ts';
import { divideLeases } from './divideLeases.ts';
import { leaseBatches, leaseKey } from './leaseBatches.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { Carried, Given, TrainResult, Work, WorkOrder } from '../volunteer/ports.ts';
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

/**
 * What the manifest and the leases ask of at most so many workers. Orders share no memory, with each other or with
 * the arguments. Throws when a shard is missing: ask `cannotTrain` first.
 */
export function workOrders(
  manifest: RoundManifest,
  leases: readonly Lease[],
  { params, shards, workers }: { params: Float32Array; shards: ShardStore; workers: number },
): WorkOrder[] {
  const { seed, minSteps, trainMs, learningRate, optimizer } = manifest;
  const { shares, batchSize, maxSteps } = divideLeases(leases, { ...manifest, workers });
  return shares.map((share) => ({
    params: params.slice(),
    ...leaseBatches(seed, share, batchSize * maxSteps, shards).batch(0),
    key: leaseKey(seed, share),
    minSteps,
    maxSteps,
    batchSize,
    budgetMs: trainMs,
    learningRate,
    optimizer,
  }));
}

/**
 * What all workers did, as one contribution, encoded for the exchange: the average of their pseudo-gradients, as
 * among volunteers, and what is carried from earlier rounds. Its steps are the mean of theirs, rounded up so that they
 * account for every sample; those of late work do not count, so that it weighs as it would have in its own round. Values
 * that are not finite are never sent. `given` is what is to be carried on; nothing where there is no contribution.
 */
export function combinedContribution(
  manifest: RoundManifest,
  works: readonly Work[],
  carried: Carried,
): { readonly result: TrainResult; readonly given?: Given } {
  const codec = codecOf(manifest.codec);
  if (!codec) return { result: failed(unknownCodec(manifest.codec)) };
  const gradient = averageContributions(works.map((work) => ({ ...work, values: work.gradient })));
  const samples = works.reduce((sum, work) => sum + work.samples, 0);
  const loss = works.reduce((sum, work) => sum + work.loss * (work.samples / samples), 0);
  const { intended, more } = withCarried(gradient, carried);
  const length = norm(intended);
  if (!Number.isFinite(length) || !Number.isFinite(loss)) {
    return { result: failed('Training gave values that are not finite; they were discarded.') };
  }
  const { round, parts } = manifest;
  const encoded = encodeParts(intended, parts, codec);
  const error = encodingError(intended, parts, encoded.parts, codec);
  const result: TrainResult = {
    kind: 'trained',
    samples,
    steps: Math.ceil(works.reduce((sum, { steps }) => sum + steps, 0) / works.length),
    loss,
    norm: length,
    trainMs: Math.max(...works.map((work) => work.trainMs)),
    ...encoded,
    ...(more && { carried: true }),
  };
  return { result, given: { round, parts, gradient, error, taken: [] } };
}
