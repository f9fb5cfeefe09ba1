import { expect, test } from 'vitest';
import type { RoundManifest } from '../protocol/round.ts';
import type { EnginePort, FetchPort, TrainResult } from './ports.ts';
import { createRoundWork } from './roundWork.ts';

const HASH = (c: string) => c.repeat(64);
const manifest = (round: number, shard: string): RoundManifest => ({
  ...{
    run: 'r',
    round,
    base: HASH('0'),
    codec: 'int8',
    rule: 'mean',
    seed: 1,
    optimizer: 'adamw',
    learningRate: 1,
  },
  ...{ batchSize: 1, minSteps: 1, maxSteps: 1, trainMs: 1_000, reduceMs: 1_000 },
  members: [
    {
      ...{ peer: 'anna', name: 'anna', workers: 2 },
      leases: [{ shard: HASH(shard), epoch: 0, start: 0, count: 1 }],
    },
  ],
  parts: [{ start: 0, end: 8, owner: 'anna' }],
});
const unused = () => Promise.reject(new Error('not asked for here'));

/** An engine that notes what it is asked, and shards that arrive when they are told to. */
function bench(fits: () => boolean = () => true) {
  const trained: number[] = [];
  const forgotten: string[] = [];
  const loaded: string[] = [];
  const arrive = new Map<string, () => void>();
  const result: TrainResult = { kind: 'failed', sentence: 'trained' };
  const engine: EnginePort = {
    reduce: async (how) => ({ kind: 'failed', sentence: JSON.stringify(how) }),
    ...{ prepare: unused, apply: unused, preview: unused, settle: unused, dispose: unused },
    load: async (_, version) => (loaded.push(version), { kind: 'loaded' }),
    addShard: async () => fits(),
    missingShards: async (leases) => leases.map((l) => l.shard),
    cancel: async () => undefined,
    watch: () => undefined,
    setThrottle: () => undefined,
    setWorkers: () => undefined,
    async train({ round }) {
      trained.push(round);
      return result;
    },
  };
  const fetch: FetchPort = {
    snapshot: async () => new Uint8Array(),
    shard: (hash) => new Promise((resolve) => arrive.set(hash, () => resolve(new Uint8Array()))),
    forgetShard: async (hash) => void forgotten.push(hash),
  };
  const work = createRoundWork({ engine, fetch, log: () => undefined });
  const train = (round: number, shard: string) => work.train(manifest(round, shard), 'anna', () => undefined);
  const come = async (shard: string) => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
    arrive.get(HASH(shard))?.();
  };
  return { work, train, come, trained, forgotten, loaded };
}

test('shards that arrive when a newer round trains begin no training of the older one', async () => {
  const b = bench();
  const first = b.train(1, 'a');
  await b.come('x');
  const second = b.train(2, 'b');
  await b.come('b');
  expect(await second).toMatchObject({ sentence: 'trained' });
  await b.come('a');
  expect(await first).toEqual({ kind: 'cancelled' });
  expect(b.trained).toEqual([2]);
});

test('VS2: a snapshot that comes when it is not wanted any more does not replace what the engine holds', async () => {
  const b = bench();
  expect(await b.work.load(HASH('1'), () => false)).toBe(false);
  expect(b.loaded).toEqual([]);
  expect(await b.work.load(HASH('2'), () => true)).toBe(true);
  expect(b.loaded).toEqual([HASH('2')]);
});

test('training that is cancelled while it fetches never begins', async () => {
  const b = bench();
  const training = b.train(1, 'a');
  await b.work.cancel();
  await b.come('a');
  expect(await training).toEqual({ kind: 'cancelled' });
  expect(b.trained).toEqual([]);
});

test('SH1: a shard that arrives damaged is forgotten and fetched again, three times at most', async () => {
  const b = bench(() => false);
  const training = b.train(1, 'a');
  const failure = expect(training).rejects.toThrow('arrived damaged 3 times');
  for (let i = 0; i < 3; i++) await b.come('a');
  await failure;
  expect(b.forgotten).toHaveLength(3);
});

test('AG2: a part is reduced by the codec and the rule of its round', async () => {
  const { work } = bench();
  const reduced = await work.reduce({ ...manifest(1, 'a'), rule: 'median' }, 0, []);
  expect(reduced).toMatchObject({ sentence: '{"codec":"int8","rule":"median"}' });
});
