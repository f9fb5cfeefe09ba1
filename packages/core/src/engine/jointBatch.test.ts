import { beforeAll, expect, test } from 'vitest';
import { gatherBatch, exampleOrder } from '../data/batchOrder.ts';
import { decodeShard } from '../data/shard.ts';
import { initialParams, maeSchema } from '../models/parameters.ts';
import { toPatches } from '../models/maeInputs.ts';
import { maskedAutoencoder } from '../models/maskedAutoencoder.ts';
import { maeSpec } from '../models/modelSpec.ts';
import { patchCount } from '../models/config.ts';
import { maskFromNoise } from '../nn/masking.ts';
import { normalisePixels } from '../objectives/pixels.ts';
import { fold, key, uniform } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { lossAndGradients } from '../tensor/parameters.ts';
import { createTrainer } from '../train/trainer.ts';
import { versionName } from '../version/name.ts';
import { writeSnapshot } from '../version/snapshot.ts';
import { createEngine } from './engine.ts';
import { quietHost, SIDE, testRun, trainAlone } from './engine.fixture.ts';
import { leaseKey } from './leaseBatches.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { PartContribution, TrainResult, Work, WorkerPort, WorkOrder } from '../volunteer/ports.ts';

const fixture = testRun();
const spec = maeSpec.parse(fixture.run.model);
const schema = maeSchema(spec.config);
const params = initialParams(spec.config, key(3));
const name = versionName(params);
const BATCH = 4;
const clock = { now: () => 0, pause: () => Promise.resolve() };

beforeAll(() => startBackend({ backend: 'cpu' }));

async function engineWithShards(): Promise<WorkerPort> {
  const engine = createEngine(quietHost((s) => createTrainer(s, { backend: 'cpu', clock })));
  await engine.prepare(fixture.run);
  expect(await engine.load(writeSnapshot(schema, params), name)).toEqual({ kind: 'loaded' });
  for (const [hash, file] of fixture.files) await engine.addShard(hash, file);
  return engine;
}

type Trained = Extract<TrainResult, { kind: 'trained' }>;

async function trainOnce(engine: WorkerPort, manifest: RoundManifest, lease: Lease): Promise<Trained> {
  const result = await trainAlone(engine, manifest, [lease]);
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return result;
}

/** One distributed round by hand: both train, one reduces every part, both apply. Outer step: plain averaging. */
async function distributedRound(manifest: RoundManifest, leases: readonly Lease[]) {
  const engines = await Promise.all(leases.map(() => engineWithShards()));
  const results: Trained[] = [];
  for (const [i, engine] of engines.entries())
    results.push(await trainOnce(engine, manifest, leases[i] as Lease));
  const contributors = results.map(({ samples, steps, hashes }, i) => ({
    peer: `peer${i}`,
    samples,
    steps,
    hashes: [...hashes],
  }));
  const updates: Uint8Array[] = [];
  for (const [part, { start, end }] of manifest.parts.entries()) {
    const contributions = results.map((result, i) => ({
      contributor: contributors[i],
      bytes: result.parts[part],
    })) as PartContribution[];
    const reduced = await (engines[part % 2] as WorkerPort).reduce(
      manifest,
      end - start,
      part,
      contributions,
    );
    if (reduced.kind === 'failed') throw new Error(reduced.sentence);
    expect(reduced.contributors).toEqual(['peer0', 'peer1']);
    updates.push(reduced.bytes);
  }
  const versions = await Promise.all(
    engines.map(async (engine) => (await engine.apply(manifest, updates)).version),
  );
  return { updates, versions };
}

/**
 * The gradient of the model on the pictures and masks of all shares in one batch, made without engine or trainer.
 * Each share is of one lease.
 */
function jointGradient(seed: number, leases: readonly Lease[]): Float32Array {
  const { config } = spec;
  const pictures = leases.flatMap((lease) => {
    const shard = decodeShard(fixture.files.get(lease.shard) as Uint8Array, {
      hash: lease.shard,
      count: 16,
      side: SIDE,
      channels: 3,
    });
    if (!shard.ok) throw new Error(shard.sentence);
    const indices = exampleOrder(seed, lease.shard, lease.epoch, 16).subarray(
      lease.start,
      lease.start + lease.count,
    );
    return [...gatherBatch(shard.shard.pixels, indices, SIDE * SIDE * 3)];
  });
  const noise = leases.flatMap((lease) => [
    ...uniform(fold(fold(leaseKey(seed, [lease]), 0), 'mask'), lease.count * patchCount(config)),
  ]);
  const masking = maskFromNoise(Float32Array.from(noise), patchCount(config), config.maskRatio);
  const patches = toPatches(config, normalisePixels(Uint8Array.from(pictures), spec));
  return lossAndGradients(
    schema,
    params,
    (weights) => maskedAutoencoder(config, weights, patches, masking).loss,
  ).grads;
}

const valuesOf = (parts: readonly Uint8Array[]) =>
  new Float32Array(parts.flatMap((bytes) => [...new Float32Array(bytes.slice().buffer)]));
const largest = (values: Float32Array) => values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);

test('RD2: one inner step of plain SGD with float32 is the gradient step of the joint batch', async () => {
  const leases = [fixture.lease(0, 0, BATCH), fixture.lease(1, 5, BATCH)];
  const manifest = fixture.round(name, { batchSize: BATCH, minSteps: 1, maxSteps: 1, learningRate: 1 });
  const { updates, versions } = await distributedRound(manifest, leases);
  const gradient = jointGradient(manifest.seed, leases);
  const update = valuesOf(updates);
  expect(largest(gradient)).toBeGreaterThan(1e-2);
  expect(largest(update.map((u, i) => u - (gradient[i] as number)))).toBeLessThan(1e-6);
  expect(versions).toEqual(
    Array(2).fill(versionName(params.map((p, i) => Math.fround(p - (update[i] as number))))),
  );
});

test.each([
  { what: 'leases for both: each takes the batch of the run', examples: 16, batchSize: 8 },
  { what: 'leases for one: each takes half a batch', examples: 16, batchSize: 16 },
])('RD2: two workers and $what; together they take the gradient step of their joint batch', async (round) => {
  const { examples, batchSize } = round;
  const manifest = fixture.round(name, { batchSize, minSteps: 1, maxSteps: 1, learningRate: 1 });
  const [lead, replica] = [await engineWithShards(), await engineWithShards()];
  const divided = await lead.divide(manifest, [fixture.lease(0, 0, examples)], 2);
  if (divided.kind !== 'divided') throw new Error(divided.sentence);
  const works: Work[] = [];
  for (const [i, worker] of [lead, replica].entries()) {
    const result = await worker.work(divided.orders[i] as WorkOrder, () => undefined);
    if (result.kind === 'worked') works.push(result);
  }
  const result = await lead.contribute(manifest, works);
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  expect(result).toMatchObject({ samples: examples, steps: 1 });
  const shares = [fixture.lease(0, 0, examples / 2), fixture.lease(0, examples / 2, examples / 2)];
  const gradient = jointGradient(manifest.seed, shares);
  expect(largest(gradient)).toBeGreaterThan(1e-2);
  expect(largest(valuesOf(result.parts).map((u, i) => u - (gradient[i] as number)))).toBeLessThan(1e-6);
  expect(result.loss).toBeCloseTo((works[0]!.loss + works[1]!.loss) / 2, 6);
});
