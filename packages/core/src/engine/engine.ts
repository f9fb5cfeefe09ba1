/** The one place where the learning half and the moving half meet. Runs inside a worker. */
import { codecOf } from '../codec/registry.ts';
import { versionName } from '../version/name.ts';
import { schemaHash } from '../version/schemaHash.ts';
import { readSnapshot } from '../version/snapshot.ts';
import { reducePart } from './contribution.ts';
import { parseRun } from './parseRun.ts';
import { makePreview, previewPictures } from './preview.ts';
import { createShardStore } from './shardStore.ts';
import { cannotTrain, contribution, failed, trainRequest, unknownCodec, wrongBase } from './training.ts';
import { applyUpdates } from './update.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { Trainer } from '../train/trainer.ts';
import type { EnginePort, TrainResult } from '../volunteer/ports.ts';
import type { PreviewPictures } from './preview.ts';
import type { ShardStore } from './shardStore.ts';

/** What the engine asks of the learning half. */
export type EngineTrainer = Pick<Trainer, 'schema' | 'device' | 'train' | 'preview' | 'dispose'>;
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
  let preparations = 0;

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
    if (base?.name !== manifest.base) return failed(wrongBase(manifest, base?.name));
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
      const mine = ++preparations;
      await cancel();
      prepared?.trainer.dispose();
      prepared = undefined;
      base = undefined;
      pictures = undefined;
      const { spec, dataset } = parseRun(run);
      const trainer = await makeTrainer(spec);
      if (mine !== preparations) {
        trainer.dispose();
        throw new Error(`prepare: another run was prepared while the model of run ${run.run} was built.`);
      }
      prepared = { trainer, shards: createShardStore(dataset), previewSeed: dataset.seed };
      return { schemaHash: schemaHash(trainer.schema), device: trainer.device };
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
