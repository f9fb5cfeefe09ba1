import { beforeAll, expect, test } from 'vitest';
import { encodeShard } from '../data/shard.ts';
import { sha256Hex } from '../hash/sha256.ts';
import { specFor, type SpecRequest } from '../models/modelSpec.ts';
import { startOfRun } from '../models/parameters.ts';
import { objectiveNames, type ObjectiveName } from '../models/recipes.ts';
import { fold, key, uint32Stream } from '../random/key.ts';
import type { RoundManifest } from '../protocol/round.ts';
import { startBackend } from '../tensor/backend.ts';
import { createTrainer } from '../train/trainer.ts';
import { averageContributions } from '../aggregate/average.ts';
import type { Work } from '../volunteer/ports.ts';
import { testRun } from './engine.fixture.ts';
import { recompute, type Stint } from './recompute.ts';
import { createShardStore } from './shardStore.ts';
import { createShift } from './shift.ts';
import { workOrders } from './training.ts';

const SIDE = 16;
const PICTURE = { imageSize: SIDE, patchSize: 8, numChannels: 3 };
const COUNT = 64;
const CLASSES = 5;
const WORKERS = 2;
const STEPS = 2;
const BATCH = 4;
const fixture = testRun();
const clock = { now: () => 0, pause: () => Promise.resolve() };

beforeAll(() => startBackend({}));

/** One shard of noise, with labels where these are learned. */
function shardOf(objective: ObjectiveName) {
  const next = uint32Stream(fold(key(9), 'pictures'));
  const pixels = Uint8Array.from({ length: COUNT * SIDE * SIDE * 3 }, () => next() & 255);
  const labels = Uint16Array.from({ length: COUNT }, () => next() % CLASSES);
  const labelled = objective === 'supervised';
  const file = encodeShard({ count: COUNT, side: SIDE, channels: 3, pixels, ...(labelled && { labels }) });
  const hash = sha256Hex(file);
  const store = createShardStore({
    ...{ ...fixture.dataset, side: SIDE, shards: [{ hash, count: COUNT, bytes: file.byteLength }] },
    ...(labelled && { classCount: CLASSES }),
  });
  expect(store.add(hash, file)).toBe(true);
  return { hash, store };
}

/** Three rounds of a volunteer with two workers, the second of them cut short; each begins from other parameters. */
async function volunteer(objective: ObjectiveName, optimizer: RoundManifest['optimizer']) {
  const { mean, std } = fixture.dataset;
  const shape = { preset: 'nano', picture: PICTURE, pixels: { mean, std } } as const;
  const spec =
    objective === 'supervised'
      ? specFor({ ...shape, objective, changes: { numClasses: CLASSES } })
      : specFor({ ...shape, objective } as SpecRequest);
  const { hash, store: shards } = shardOf(objective);
  const makeTrainer = () => createTrainer(spec, { clock });
  const trainers = await Promise.all(Array.from({ length: WORKERS }, makeTrainer));
  const stints: Stint[] = [];
  let gradient: Float32Array = new Float32Array();
  for (const round of [1, 2, 3]) {
    const base = startOfRun(spec, round);
    const rules = { round, optimizer, batchSize: BATCH, maxSteps: STEPS, learningRate: 1e-3 };
    const manifest = fixture.round('0'.repeat(64), rules);
    const count = WORKERS * STEPS * BATCH;
    const leases = [{ shard: hash, epoch: 0, start: (round - 1) * count, count }];
    const orders = workOrders(manifest, leases, { params: base, shards, workers: WORKERS });
    const works = await Promise.all(
      orders.map(async (order, i): Promise<Work> => {
        const shift = createShift({ throttle: () => 1, isDeviceLost: () => false });
        const stop = () => void (round === 2 && shift.cancel());
        const done = await shift.work(trainers[i]!, order, stop);
        if (done.kind !== 'worked') throw new Error(JSON.stringify(done));
        return done;
      }),
    );
    gradient = averageContributions(works.map((work) => ({ ...work, values: work.gradient })));
    const samples = works.reduce((sum, work) => sum + work.samples, 0);
    stints.push({ manifest, leases, workers: WORKERS, samples, base });
  }
  for (const trainer of trainers) trainer.dispose();
  return { stints, gradient, host: { makeTrainer, shards, isOver: () => false } };
}

const cases: [ObjectiveName, RoundManifest['optimizer']][] = [
  ...objectiveNames.map((name): [ObjectiveName, 'adamw'] => [name, 'adamw']),
  ['mae', 'sgd'],
];

test.each(cases)(
  'AG6: %s with %s is trained again to the last bit, however many workers and steps',
  async (...of) => {
    const { stints, gradient, host } = await volunteer(...of);
    expect(stints.map(({ samples }) => samples)).toEqual([16, 8, 16]);
    const counter = await host.makeTrainer();
    const before = counter.liveTensors();
    expect(await recompute(host, stints)).toEqual({ kind: 'recomputed', gradient });
    expect(counter.liveTensors()).toBe(before);
    counter.dispose();
  },
);

test('AG6: without the rounds before it, moments are missing; without its shard, or in no time, it is not done', async () => {
  const { stints, gradient, host } = await volunteer('mae', 'adamw');
  const alone = await recompute(host, stints.slice(-1));
  if (alone.kind === 'failed') throw new Error(alone.sentence);
  expect(alone.gradient).not.toEqual(gradient);
  const empty = { ...host, shards: createShardStore(fixture.dataset) };
  expect(await recompute(empty, stints)).toMatchObject({
    kind: 'failed',
    sentence: expect.stringMatching(/^Shard /) as string,
  });
  const late = { ...host, isOver: () => true };
  expect(await recompute(late, stints)).toEqual({ kind: 'failed', sentence: 'It took too long.' });
});
