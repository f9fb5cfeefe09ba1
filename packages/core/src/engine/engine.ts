/** The one place where the learning half and the moving half meet. Runs inside a worker. */
import { datasetManifest } from '../data/manifest.ts';
import { codecOf } from '../codec/registry.ts';
import { modelSpec, type ModelSpec } from '../models/modelSpec.ts';
import { pseudoGradient } from '../train/pseudoGradient.ts';
import { versionName } from '../version/name.ts';
import { schemaHash } from '../version/schemaHash.ts';
import { readSnapshot } from '../version/snapshot.ts';
import { encodeParts, norm, reducePart } from './contribution.ts';
import { leaseBatches, leaseKey } from './leaseBatches.ts';
import { makePreview, previewPictures } from './preview.ts';
import { createShardStore } from './shardStore.ts';
import { applyUpdates } from './update.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { RunInfo } from '../protocol/run.ts';
import type { Trainer, TrainRequest, TrainResult as TrainerResult } from '../train/trainer.ts';
import type { EnginePort, TrainResult } from '../volunteer/ports.ts';
import type { PreviewPictures } from './preview.ts';
import type { ShardStore } from './shardStore.ts';

/** What the engine asks of the learning half. */
export type EngineTrainer = Pick<Trainer, 'schema' | 'backend' | 'train' | 'preview' | 'dispose'>;
/** Starts the tensor library of this thread; the host knows where its files lie. */
export type MakeTrainer = (spec: ModelSpec) => Promise<EngineTrainer>;

interface Prepared {
  readonly trainer: EngineTrainer;
  readonly shards: ShardStore;
  readonly previewSeed: number;
}

interface Version {
  readonly name: string;
  readonly params: Float32Array;
}

interface Training {
  cancelled: boolean;
  done: Promise<TrainResult>;
}

interface TrainOrder {
  readonly manifest: RoundManifest;
  readonly leases: readonly Lease[];
  readonly onStep: (step: number, samples: number, loss: number) => void;
}

const failed = (sentence: string) => ({ kind: 'failed', sentence }) as const;

/**
 * Makes an engine. `train` takes one round at a time: a new call cancels the one that runs and waits for its end.
 * `cancel` resolves when nothing trains any more. `apply` leaves everything as it was, and answers the name of the
 * version that it still has, when the updates do not fit that version.
 */
export function createEngine({ makeTrainer }: { makeTrainer: MakeTrainer }): EnginePort {
  let prepared: Prepared | undefined;
  let base: Version | undefined;
  let pictures: PreviewPictures | undefined;
  let training: Training | undefined;

  function need(asker: string): Prepared {
    if (!prepared) throw new Error(`${asker}: no run is prepared; call prepare first`);
    return prepared;
  }

  async function cancel(): Promise<void> {
    if (training) training.cancelled = true;
    await training?.done;
  }

  async function start(mine: Training, order: TrainOrder): Promise<TrainResult> {
    const { trainer, shards } = need('train');
    const { manifest, leases, onStep } = order;
    if (base?.name !== manifest.base) return failed(wrongBase(manifest, base));
    const problem = cannotTrain(manifest, leases, shards);
    if (problem !== undefined) return failed(problem);
    const { params } = base;
    try {
      const request = trainRequest(manifest, leases, params, shards);
      const outcome = await trainer.train(request, {
        onStep: (step, loss) => onStep(step + 1, (step + 1) * manifest.batchSize, loss),
        isCancelled: () => mine.cancelled,
      });
      return contribution(manifest, params, outcome);
    } catch (error) {
      return failed(`Training stopped: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    async prepare(run) {
      await cancel();
      prepared?.trainer.dispose();
      prepared = undefined;
      base = undefined;
      pictures = undefined;
      const { spec, dataset } = parseRun(run);
      const trainer = await makeTrainer(spec);
      prepared = { trainer, shards: createShardStore(dataset), previewSeed: dataset.seed };
      return { schemaHash: schemaHash(trainer.schema), device: trainer.backend };
    },

    async load(snapshot, expected) {
      const read = readSnapshot(need('load').trainer.schema, snapshot, expected);
      if (read.kind === 'failed') return failed(read.sentence);
      base = { name: read.name, params: read.params };
      return { kind: 'loaded' };
    },

    async addShard(hash, file) {
      const { shards, previewSeed } = need('addShard');
      const taken = shards.add(hash, file);
      const shard = shards.get(hash);
      if (shard) pictures ??= previewPictures(previewSeed, hash, shard);
      return taken;
    },

    missingShards: async (leases) => need('missingShards').shards.missing(leases),

    async train(manifest, leases, onStep) {
      const before = training;
      if (before) before.cancelled = true;
      const mine: Training = { cancelled: false, done: Promise.resolve({ kind: 'cancelled' }) };
      training = mine;
      mine.done = (async () => {
        await before?.done;
        return mine.cancelled ? { kind: 'cancelled' } : start(mine, { manifest, leases, onStep });
      })();
      return mine.done;
    },

    cancel,

    async reduce(codecId, length, part, contributions) {
      const codec = codecOf(codecId);
      if (!codec) return failed(unknownCodec(codecId));
      return reducePart(codec, length, part, contributions);
    },

    async apply(manifest, updates) {
      if (!base) throw new Error('apply: no version is loaded; call load first');
      const codec = codecOf(manifest.codec);
      const fits = base.name === manifest.base && codec;
      const params = fits && applyUpdates(base.params, manifest.parts, updates, codec);
      if (params) base = { name: versionName(params), params };
      return { version: base.name };
    },

    async preview(round) {
      if (!prepared || !base || !pictures) return undefined;
      return makePreview(prepared.trainer, base.params, pictures, round);
    },

    async dispose() {
      await cancel();
      prepared?.trainer.dispose();
      prepared = undefined;
      base = undefined;
    },
  };
}

const unknownCodec = (id: string): string =>
  `The round uses the codec "${id}", which this volunteer does not have. Reload the page to fetch the right version.`;

/** Parses what the run says of its model and data; throws a sentence where this build cannot read it. */
function parseRun(run: RunInfo) {
  const spec = modelSpec.safeParse(run.model);
  const dataset = datasetManifest.safeParse(run.dataset);
  const issue = (spec.error ?? dataset.error)?.issues[0];
  if (spec.success && dataset.success) return { spec: spec.data, dataset: dataset.data };
  const where = spec.success ? 'data set' : 'model';
  throw new Error(
    `The ${where} of run ${run.run} cannot be read (${issue?.path.join('.')}: ${issue?.message}). Reload the page to fetch the right version.`,
  );
}

const wrongBase = (manifest: RoundManifest, base: Version | undefined): string =>
  `Round ${manifest.round} starts from version ${manifest.base.slice(0, 12)}, here is ${base?.name.slice(0, 12) ?? 'none'}.`;

function cannotTrain(
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

function trainRequest(
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
function contribution(manifest: RoundManifest, base: Float32Array, outcome: TrainerResult): TrainResult {
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
