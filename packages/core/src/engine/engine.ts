/** The one place where the learning half and the moving half meet. Runs inside a worker. */
import { codecOf, updateCodecOf } from '../codec/registry.ts';
import { versionName } from '../version/name.ts';
import { schemaHash } from '../version/schemaHash.ts';
import { readSnapshot } from '../version/snapshot.ts';
import { NOTHING_CARRIED, openRound, settle, startOf } from './carried.ts';
import { reducePart } from './contribution.ts';
import { parseRun } from './parseRun.ts';
import { makePreview, previewPictures } from './preview.ts';
import { createShardStore } from './shardStore.ts';
import { createShift } from './shift.ts';
import { timeSteps } from './timeSteps.ts';
import {
  cannotTrain,
  combinedContribution,
  failed,
  unknownCodec,
  workOrders,
  wrongBase,
} from './training.ts';
import { applyUpdates } from './update.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import type { Trainer } from '../train/trainer.ts';
import type { HandOver, StartResult, WorkerPort } from '../volunteer/ports.ts';
import type { ShardStore } from './shardStore.ts';

/** What the engine asks of the learning half. */
export type EngineTrainer = Pick<Trainer, 'schema' | 'device' | 'train' | 'preview' | 'dispose'>;

/** What the thread of an engine offers it. */
export interface EngineHost {
  /** Starts this backend and checks that it computes the right gradients. */
  start(choice: { backend: string; softwareToo: boolean }): Promise<StartResult>;
  /** A trainer on the backend that was started, or else on the first that starts. */
  makeTrainer(spec: ModelSpec): Promise<EngineTrainer>;
  /** Whether this failure means that the device lost its memory or has too little: the same again will not help. */
  isDeviceLost(sentence: string): boolean;
  /** Milliseconds. */
  now(): number;
}

interface Prepared {
  readonly trainer: EngineTrainer;
  readonly shards: ShardStore;
  readonly previewSeed: number;
}

/**
 * Makes an engine. `apply` leaves everything as it was, and answers the name of the version that it still has, when
 * the updates do not fit that version.
 */
export function createEngine(host: EngineHost): WorkerPort {
  let prepared: Prepared | undefined;
  let base: HandOver['version'];
  let pictures: HandOver['pictures'];
  let carried: HandOver['carried'] = NOTHING_CARRIED;
  let preparations = 0;
  let throttle = 1;
  const shift = createShift({ throttle: () => throttle, isDeviceLost: host.isDeviceLost });

  function need(asker: string): Prepared {
    if (!prepared) throw new Error(`${asker}: no run is prepared; call prepare first`);
    return prepared;
  }

  async function forget(): Promise<void> {
    await shift.cancel();
    prepared?.trainer.dispose();
    prepared = undefined;
    base = undefined;
    pictures = undefined;
    carried = NOTHING_CARRIED;
  }

  return {
    start: (choice) => host.start(choice),

    async prepare(run) {
      const mine = ++preparations;
      await forget();
      const { spec, dataset } = parseRun(run);
      const trainer = await host.makeTrainer(spec);
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
      // What is carried is a difference: it fits any version of the run.
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

    async divide(manifest, leases, workers) {
      const { shards } = need('divide');
      if (base?.name !== manifest.base) return failed(wrongBase(manifest, base?.name));
      const problem = cannotTrain(manifest, leases, shards);
      if (problem !== undefined) return failed(problem);
      carried = openRound(carried, manifest.round);
      const params = startOf(base.params, carried);
      return { kind: 'divided', orders: workOrders(manifest, leases, { params, shards, workers }) };
    },

    work: async (order, onStep) => shift.work(need('work').trainer, order, onStep),

    async contribute(manifest, works) {
      const { result, given } = combinedContribution(manifest, works, carried);
      if (given) carried = { ...carried, given };
      return result;
    },

    async settle(round, taken) {
      carried = settle(carried, round, taken);
    },

    cancel: () => shift.cancel(),

    async setThrottle(share) {
      throttle = share;
    },

    time: async (run, steps) => timeSteps(host, parseRun(run), steps),

    async reduce({ codec: id, rule }, length, part, contributions) {
      const codec = codecOf(id);
      if (!codec) return failed(unknownCodec(id));
      return reducePart({ codec, rule }, length, part, contributions);
    },

    async apply(manifest, updates) {
      if (!base) throw new Error('apply: no version is loaded; call load first');
      const codec = codecOf(manifest.codec);
      const fits = base.name === manifest.base && codec;
      const params = fits && applyUpdates(base.params, manifest.parts, updates, updateCodecOf(codec));
      if (params) base = { name: versionName(params), params };
      return { version: base.name };
    },

    async preview(round) {
      if (!prepared || !base || !pictures) return undefined;
      return makePreview(prepared.trainer, base.params, pictures, round);
    },

    handOver: async () => ({ version: base, pictures, carried }),

    async takeOver(handed) {
      need('takeOver');
      base = handed.version;
      pictures = handed.pictures;
      carried = handed.carried;
    },

    dispose: forget,
  };
}
