import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeShard, shardHash } from '../data/shard.ts';
import { fold, integer, key, type Key } from '../random/key.ts';
import { createEngine } from './engine.ts';
import { quietHost, testRun } from './engine.fixture.ts';
import { createShardStore, type ShardStore } from './shardStore.ts';
import { createShift } from './shift.ts';
import { leaseBatches } from './leaseBatches.ts';
import { workOrders } from './training.ts';
import type { DatasetManifest } from '../data/manifest.ts';
import type { Batch } from '../objectives/objective.ts';
import type { Lease } from '../protocol/round.ts';
import type { TrainRequest } from '../train/trainer.ts';
import type { EngineTrainer } from './engine.ts';

const SIDE = 8;
const BYTES = SIDE * SIDE;
const CLASSES = 1000;
const fixture = testRun();

/** The label that belongs to a picture can be read off its pixels. */
const labelOf = (serial: number): number => (serial * 37) % CLASSES;
const serialOf = (picture: Uint8Array): number => (picture[0] as number) * 256 + (picture[1] as number);

/** Shards of so many pictures, each numbered in its first two pixels, with their labels or without. */
function numberedShards(counts: readonly number[], labelled = true) {
  let serial = 0;
  const files = counts.map((count) => {
    const pixels = new Uint8Array(count * BYTES);
    const labels = new Uint16Array(count);
    for (let i = 0; i < count; i++, serial++) {
      pixels.set([serial >> 8, serial & 255], i * BYTES);
      labels[i] = labelOf(serial);
    }
    return encodeShard({ count, side: SIDE, channels: 1, pixels, ...(labelled && { labels }) });
  });
  const shards = files.map((file, i) => ({
    hash: shardHash(file),
    count: counts[i] as number,
    bytes: file.length,
  }));
  const manifest: DatasetManifest = {
    ...fixture.dataset,
    ...{ side: SIDE, channels: 1, mean: [0.5], std: [0.3], shards },
    ...(labelled && { classCount: CLASSES }),
  };
  const store = createShardStore(manifest);
  shards.forEach(({ hash }, i) => expect(store.add(hash, files[i] as Uint8Array)).toBe(true));
  return { shards, store, manifest, files };
}

/** Leases within the shards, several of one shard among them. */
function someLeases(from: Key, counts: readonly number[], shards: readonly { hash: string }[]): Lease[] {
  const draw = (what: string, bound: number) => integer(fold(from, what), bound);
  return Array.from({ length: 1 + draw('leases', 6) }, (_, i) => {
    const shard = draw(`shard ${i}`, shards.length);
    const start = draw(`start ${i}`, counts[shard] as number);
    const count = 1 + draw(`count ${i}`, (counts[shard] as number) - start);
    return { shard: shards[shard]?.hash ?? '', epoch: draw(`epoch ${i}`, 3), start, count };
  });
}

/** The serial numbers of a batch, having checked that each picture has its own label. */
function serialsOf({ pictures, labels }: Batch): number[] {
  const serials = Array.from({ length: pictures.length / BYTES }, (_, i) =>
    serialOf(pictures.subarray(i * BYTES, (i + 1) * BYTES)),
  );
  expect([...(labels ?? [])]).toEqual(serials.map(labelOf));
  return serials;
}

const counts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
const seeds = fc.nat(2 ** 31 - 1);

test('SH3: label i belongs to picture i through any leases, in any batch', () => {
  fc.assert(
    fc.property(counts, seeds, fc.integer({ min: 1, max: 50 }), (sizes, seed, batchSize) => {
      const { shards, store } = numberedShards(sizes);
      const batches = leaseBatches(seed, someLeases(key(seed), sizes, shards), batchSize, store);
      for (let step = 0; step < 3; step++) expect(serialsOf(batches.batch(step))).toHaveLength(batchSize);
    }),
  );
});

/** What a worker's steps are handed of its order. */
async function stepsOf(order: ReturnType<typeof workOrders>[number]): Promise<Batch[]> {
  const seen: Batch[] = [];
  const trainer: EngineTrainer = {
    ...{ schema: [], device: 'test', dispose: () => undefined },
    preview: () => Promise.reject(new Error('not asked for here')),
    async train({ nextBatch, maxSteps }: TrainRequest) {
      for (let step = 0; step < maxSteps; step++) seen.push(nextBatch(step));
      return { cancelled: true };
    },
  };
  const shift = createShift({ throttle: () => 1, isDeviceLost: () => false });
  await shift.work(trainer, order, () => undefined);
  return seen;
}

const divisions = fc.record({
  workers: fc.integer({ min: 1, max: 5 }),
  batchSize: fc.integer({ min: 1, max: 24 }),
  maxSteps: fc.integer({ min: 1, max: 4 }),
});

test('SH3: batches that are cut among workers keep each label with its picture, in every step of each', async () => {
  await fc.assert(
    fc.asyncProperty(counts, seeds, divisions, async (sizes, seed, { workers, ...round }) => {
      const { shards, store } = numberedShards(sizes);
      const leases = someLeases(key(seed), sizes, shards);
      const manifest = fixture.round('0'.repeat(64), { seed, ...round });
      const orders = workOrders(manifest, leases, { params: new Float32Array(1), shards: store, workers });
      for (const order of orders) {
        const steps = await stepsOf(order);
        expect(steps.flatMap(serialsOf)).toEqual(serialsOf(order));
        expect(steps.map(({ labels }) => labels?.length)).toEqual(
          steps.map(() => order.pictures.length / BYTES / order.maxSteps),
        );
      }
    }),
  );
});

test('orders share no labels, with each other or with the shard', () => {
  const { shards, store } = numberedShards([32]);
  const leases: Lease[] = [{ shard: shards[0]?.hash ?? '', epoch: 0, start: 0, count: 32 }];
  const manifest = fixture.round('0'.repeat(64), { batchSize: 8, maxSteps: 2 });
  const make = () => workOrders(manifest, leases, { params: new Float32Array(1), shards: store, workers: 2 });
  const [first, second] = make();
  expect(first?.labels?.byteLength).toBe(first?.labels?.buffer.byteLength);
  expect(second?.labels?.buffer).not.toBe(first?.labels?.buffer);
  first?.labels?.fill(0);
  expect(serialsOf(make()[0] as Batch)).toHaveLength(16);
});

test('SH3: without labels in its shards a run has none in batches and orders', () => {
  const { shards, store } = numberedShards([16], false);
  const leases: Lease[] = [{ shard: shards[0]?.hash ?? '', epoch: 0, start: 0, count: 16 }];
  const manifest = fixture.round('0'.repeat(64), { batchSize: 4, maxSteps: 2 });
  const [order] = workOrders(manifest, leases, { params: new Float32Array(1), shards: store, workers: 1 });
  expect(order && 'labels' in order).toBe(false);
  expect(Object.keys(leaseBatches(1, leases, 4, store).batch(0))).toEqual(['pictures']);
});

test('SH3: shards are taken as the manifest describes them: with labels, or without', () => {
  const [labelled, plain] = [numberedShards([4]), numberedShards([4], false)];
  const claim = (manifest: DatasetManifest, from: { files: Uint8Array[]; shards: { hash: string }[] }) => {
    const entry = { ...manifest.shards[0]!, hash: from.shards[0]!.hash };
    const store: ShardStore = createShardStore({ ...manifest, shards: [entry] });
    return store.add(entry.hash, from.files[0] as Uint8Array);
  };
  expect(claim(labelled.manifest, labelled)).toBe(true);
  expect(claim({ ...labelled.manifest, classCount: 2 }, labelled)).toBe(false);
  expect(claim(plain.manifest, labelled)).toBe(false);
  expect(claim(labelled.manifest, plain)).toBe(false);
});

test.each([{ classCount: 3 }, {}])("timing hands out labels as the run's shards would: %o", async (facts) => {
  const seen: Batch[] = [];
  const makeTrainer = async (): Promise<EngineTrainer> => ({
    ...{ schema: [], device: 'test', dispose: () => undefined },
    preview: () => Promise.reject(new Error('not asked for here')),
    async train({ nextBatch }) {
      seen.push(nextBatch(0));
      return { cancelled: true };
    },
  });
  const run = { ...fixture.run, dataset: { ...fixture.dataset, ...facts } };
  await createEngine(quietHost(makeTrainer)).time(run, { batchSize: 64, deadlineMs: 1 });
  const labels = seen[0]?.labels;
  expect(labels && [...new Set(labels)].sort()).toEqual(facts.classCount && [0, 1, 2]);
  expect(labels?.length).toBe(facts.classCount && 64);
});
