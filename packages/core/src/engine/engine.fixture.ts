import { sha256Hex } from '../hash/sha256.ts';
import { encodeShard } from '../data/shard.ts';
import { specOf } from '../models/modelSpec.ts';
import { maeSchema } from '../models/parameters.ts';
import { fold, key, uint32Stream } from '../random/key.ts';
import { schemaSize } from '../tensor/params.ts';
import { schemaHash } from '../version/schemaHash.ts';
import type { DatasetManifest } from '../data/manifest.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { RunInfo } from '../protocol/run.ts';
import type { OnStep, TrainResult, WorkerPort } from '../volunteer/ports.ts';
import type { EngineHost } from './engine.ts';

export const SIDE = 32;
const PER_SHARD = 16;

export interface TestRun {
  readonly run: RunInfo;
  readonly dataset: DatasetManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly size: number;
  /** A lease on shard `shard` of examples `[start, start + count)`. */
  lease(shard: number, start: number, count: number): Lease;
  round(base: string, changes?: Partial<RoundManifest>): RoundManifest;
}

/** Two shards of noise and the smallest preset. */
export function testRun(): TestRun {
  const shards = [0, 1].map((i) => {
    const next = uint32Stream(fold(key(9), i));
    const pixels = Uint8Array.from({ length: PER_SHARD * SIDE * SIDE * 3 }, () => next() & 255);
    const file = encodeShard({ count: PER_SHARD, side: SIDE, channels: 3, pixels });
    return { hash: sha256Hex(file), count: PER_SHARD, bytes: file.byteLength, file };
  });
  const mean = [0.5, 0.5, 0.5];
  const std = [0.3, 0.3, 0.3];
  const spec = specOf('nano', { imageSize: SIDE, patchSize: 8, numChannels: 3 }, { mean, std });
  const schema = maeSchema(spec.config);
  const size = schemaSize(schema);
  const dataset: DatasetManifest = {
    format: 'murmur-dataset-1',
    name: 'noise',
    side: SIDE,
    channels: 3,
    patch: 8,
    mean,
    std,
    seed: 4,
    shards: shards.map(({ hash, count, bytes }) => ({ hash, count, bytes })),
  };
  const run: RunInfo = {
    run: 'test',
    name: 'test',
    objective: 'mae',
    preset: 'nano',
    parameters: size,
    schemaHash: schemaHash(schema),
    model: spec,
    dataset,
    target: { kind: 'rounds', amount: 1 },
  };
  const half = Math.floor(size / 2 / 4096) * 4096;
  return {
    run,
    dataset,
    files: new Map(shards.map(({ hash, file }) => [hash, file])),
    size,
    lease: (shard, start, count) => ({ shard: shards[shard]?.hash ?? '', epoch: 0, start, count }),
    round: (base, changes = {}) => ({
      run: 'test',
      round: 1,
      base,
      members: [{ peer: 'aaaa', name: 'a', workers: 1, leases: [] }],
      parts: [
        { start: 0, end: half, owner: 'aaaa' },
        { start: half, end: size, owner: 'bbbb' },
      ],
      codec: 'float32',
      rule: 'mean',
      seed: 11,
      optimizer: 'sgd',
      learningRate: 0.1,
      batchSize: 4,
      minSteps: 1,
      maxSteps: 2,
      trainMs: 60_000,
      reduceMs: 5_000,
      ...changes,
    }),
  };
}

/** A thread whose device is never lost. */
export const quietHost = (makeTrainer: EngineHost['makeTrainer']): EngineHost => ({
  makeTrainer,
  start: async ({ backend }) => ({ kind: 'started', title: backend }),
  isDeviceLost: () => false,
  now: () => 0,
});

/** Trains a round with one worker. */
export async function trainAlone(
  worker: WorkerPort,
  manifest: RoundManifest,
  leases: readonly Lease[],
  onStep: OnStep = () => undefined,
): Promise<TrainResult> {
  const divided = await worker.divide(manifest, leases, 1);
  if (divided.kind === 'failed') return divided;
  const [order] = divided.orders;
  if (!order) throw new Error('trainAlone: expected an order');
  const result = await worker.work(order, onStep);
  if (result.kind === 'failed') return { kind: 'failed', sentence: result.sentence };
  return result.kind === 'worked' ? worker.contribute(manifest, [result]) : result;
}
