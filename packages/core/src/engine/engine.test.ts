import { expect, test } from 'vitest';
import { codecOf } from '../codec/registry.ts';
import { exampleOrder } from '../data/batchOrder.ts';
import { decodeShard } from '../data/shard.ts';
import { sha256Hex } from '../hash/sha256.ts';
import { maeSchema } from '../models/parameters.ts';
import { maeSpec } from '../models/modelSpec.ts';
import { key, normal } from '../random/key.ts';
import { versionName } from '../version/name.ts';
import { writeSnapshot } from '../version/snapshot.ts';
import { createEngine } from './engine.ts';
import { quietHost, SIDE, testRun, trainAlone } from './engine.fixture.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { TrainResult, WorkerPort } from '../volunteer/ports.ts';
import type { EngineTrainer } from './engine.ts';
import type { TrainHooks, TrainRequest, TrainResult as TrainerResult } from '../train/trainer.ts';

const fixture = testRun();
const spec = maeSpec.parse(fixture.run.model);
const schema = maeSchema(spec.config);
const params = normal(key(1), fixture.size);
const name = versionName(params);
const snapshot = writeSnapshot(schema, params);
const [shardA, shardB] = [...fixture.files.keys()] as [string, string];

type TrainFunction = (request: TrainRequest, hooks: TrainHooks) => Promise<TrainerResult>;

/** Takes one step and subtracts 0.5 from every parameter. */
const halfStep: TrainFunction = async (request, { onStep }) => {
  onStep(0, 2);
  const samples = request.batchSize * request.maxSteps;
  return {
    params: request.params.map((p) => p - 0.5),
    steps: request.maxSteps,
    samples,
    loss: 2,
    trainMs: 7,
  };
};

const idleTrainer = async (train: TrainFunction = halfStep): Promise<EngineTrainer> => ({
  schema,
  device: 'cpu',
  train,
  preview: async (_, pictures) => ({
    side: SIDE,
    channels: 3,
    original: pictures,
    masked: pictures,
    predicted: pictures,
  }),
  dispose: () => undefined,
});

async function engineWith(train: TrainFunction = halfStep) {
  const seen: TrainRequest[] = [];
  const trainer = await idleTrainer((request, handlers) => (seen.push(request), train(request, handlers)));
  const engine = createEngine(quietHost(async () => trainer));
  expect(await engine.prepare(fixture.run)).toEqual({ schemaHash: fixture.run.schemaHash, device: 'cpu' });
  expect(await engine.load(snapshot, name)).toEqual({ kind: 'loaded' });
  for (const [hash, file] of fixture.files) expect(await engine.addShard(hash, file)).toBe(true);
  return { engine, seen };
}

const trained = (result: TrainResult) => {
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return result;
};
const none = () => undefined;

test('of two runs that are prepared at once the later one stays, whichever is built first', async () => {
  const built: ((trainer: EngineTrainer) => void)[] = [];
  const engine = createEngine(quietHost(() => new Promise((resolve) => built.push(resolve))));
  const [first, second] = [engine.prepare(fixture.run), engine.prepare(fixture.run)];
  const replaced = expect(first).rejects.toThrow('another run was prepared');
  while (built.length < 2) await Promise.resolve();
  const trainer = (device: string, dispose: () => void): EngineTrainer => ({
    ...{ schema, device, train: halfStep, dispose },
    preview: () => Promise.reject(new Error('not asked for here')),
  });
  let disposed = 0;
  built[1]?.(trainer('wasm', none));
  built[0]?.(trainer('cpu', () => disposed++));
  await replaced;
  expect(await second).toMatchObject({ device: 'wasm' });
  expect([disposed, await engine.load(snapshot, name)]).toEqual([1, { kind: 'loaded' }]);
});

test('RD3: training gives the encoded pseudo-gradient, a hash a part, and its length', async () => {
  const { engine } = await engineWith();
  const steps: number[][] = [];
  const manifest = fixture.round(name);
  const result = trained(
    await trainAlone(engine, manifest, [fixture.lease(0, 0, 8)], (...args) => steps.push(args)),
  );
  expect(steps).toEqual([[1, 4, 2]]);
  expect(result).toMatchObject({ samples: 8, steps: 2, loss: 2, trainMs: 7 });
  expect(result.norm).toBeCloseTo(0.5 * Math.sqrt(fixture.size), 2);
  expect(result.hashes).toEqual(result.parts.map(sha256Hex));
  const decoded = codecOf('float32')?.decode(result.parts[0] as Uint8Array, manifest.parts[0]?.end ?? 0);
  expect(decoded?.kind === 'decoded' && decoded.values.every((v) => Math.abs(v - 0.5) < 1e-6)).toBe(true);
});

test('SH2: batches follow the leases through the seeded order, the same every time', async () => {
  const { engine, seen } = await engineWith();
  const leases = [fixture.lease(0, 3, 5), fixture.lease(1, 0, 3)];
  const manifest = fixture.round(name, { minSteps: 3 });
  await trainAlone(engine, manifest, leases, none);
  await trainAlone(engine, manifest, leases, none);
  const [first, second] = seen as [TrainRequest, TrainRequest];
  expect(first.key).toEqual(second.key);
  const pixelsOf = (hash: string) => {
    const shard = decodeShard(fixture.files.get(hash) as Uint8Array, {
      hash,
      count: 16,
      side: SIDE,
      channels: 3,
    });
    return shard.ok ? shard.shard.pixels : new Uint8Array();
  };
  const picture = (hash: string, position: number) => {
    const index = exampleOrder(11, hash, 0, 16)[position] as number;
    return [...pixelsOf(hash).subarray(index * SIDE * SIDE * 3, (index + 1) * SIDE * SIDE * 3)];
  };
  const expected = [3, 4, 5, 6, 7]
    .map((p) => picture(shardA, p))
    .concat([0, 1, 2].map((p) => picture(shardB, p)));
  expect(sha256Hex(first.nextBatch(0).pictures)).toBe(
    sha256Hex(Uint8Array.from(expected.slice(0, 4).flat())),
  );
  expect(sha256Hex(first.nextBatch(1).pictures)).toBe(sha256Hex(Uint8Array.from(expected.slice(4).flat())));
  expect(first.nextBatch(2)).toEqual(first.nextBatch(0));
  expect(first.maxSteps).toBe(3);
});

test('training refuses what it cannot do with a sentence', async () => {
  const { engine } = await engineWith();
  const lease = fixture.lease(0, 0, 8);
  const cases: [RoundManifest, (typeof lease)[], RegExp][] = [
    [fixture.round('0'.repeat(64)), [lease], /starts from version 000000000000/],
    [fixture.round(name, { codec: 'zip' }), [lease], /codec "zip"/],
    [fixture.round(name), [], /no examples/],
    [fixture.round(name), [fixture.lease(0, 10, 8)], /shorter than its lease/],
  ];
  for (const [manifest, leases, sentence] of cases) {
    const result = await trainAlone(engine, manifest, leases, none);
    expect(result.kind === 'failed' && result.sentence).toMatch(sentence);
  }
});

test('AG1: values that are not finite never leave the machine', async () => {
  const spoiled = await engineWith(async (r, h) => {
    const outcome = await halfStep(r, h);
    if ('params' in outcome) outcome.params[3] = NaN;
    return outcome;
  });
  expect(await trainAlone(spoiled.engine, fixture.round(name), [fixture.lease(0, 0, 8)], none)).toMatchObject(
    {
      kind: 'failed',
    },
  );
  const broken = await engineWith(() => Promise.reject(new Error('the context was lost')));
  const result = await trainAlone(broken.engine, fixture.round(name), [fixture.lease(0, 0, 8)], none);
  expect(result).toEqual({ kind: 'failed', sentence: 'Training stopped: the context was lost' });
});

test('cancel ends training and resolves after it; a new round takes the place of the old one', async () => {
  const untilCancelled: TrainFunction = async (_, { isCancelled }) => {
    while (!isCancelled()) await new Promise((resolve) => setImmediate(resolve));
    return { cancelled: true };
  };
  const begun = () => new Promise((resolve) => setImmediate(resolve));
  let calls = 0;
  const { engine } = await engineWith((r, h) => (calls++ < 2 ? untilCancelled(r, h) : halfStep(r, h)));
  const leases = [fixture.lease(0, 0, 8)];
  const first = trainAlone(engine, fixture.round(name), leases, none);
  await begun();
  await engine.cancel();
  expect(await first).toEqual({ kind: 'cancelled' });
  const second = trainAlone(engine, fixture.round(name), leases, none);
  await begun();
  const third = trainAlone(engine, fixture.round(name), leases, none);
  expect([(await second).kind, (await third).kind]).toEqual(['cancelled', 'trained']);
});

test('RD6: the owner leaves out what is not as announced, and names who is in', async () => {
  const { engine } = await engineWith();
  const codec = codecOf('float32');
  const encode = (value: number) => codec?.encode(new Float32Array(10).fill(value)) ?? new Uint8Array();
  const give = (peer: string, bytes: Uint8Array, announced = bytes, samples = 8) => ({
    contributor: { peer, samples, steps: 2, hashes: ['0'.repeat(64), sha256Hex(announced)] },
    bytes,
  });
  const infinite = new Uint8Array(new Float32Array(10).fill(Infinity).buffer);
  const result = await engine.reduce({ codec: 'float32', rule: 'mean' }, 10, 1, [
    give('aaaa', encode(1)),
    give('lied', encode(100), encode(1)),
    give('size', encode(100).subarray(4)),
    give('infi', infinite),
    give('bbbb', encode(3)),
  ]);
  if (result.kind !== 'reduced') throw new Error(result.sentence);
  expect(result.contributors).toEqual(['aaaa', 'bbbb']);
  expect(codec?.decode(result.bytes, 10)).toEqual({
    kind: 'decoded',
    values: new Float32Array(10).fill(2),
  });
  const nobody = await engine.reduce({ codec: 'float32', rule: 'mean' }, 10, 1, [
    give('lied', encode(1), encode(2)),
  ]);
  expect(nobody).toMatchObject({ kind: 'failed' });
  expect(await engine.reduce({ codec: 'zip', rule: 'mean' }, 10, 1, [give('aaaa', encode(1))])).toMatchObject(
    { kind: 'failed' },
  );
});

test('AG2: an owner reduces its part by the rule of the round', async () => {
  const { engine } = await engineWith();
  const codec = codecOf('float32');
  const contributions = [1, 2, 2, 3, -40].map((value, i) => {
    const bytes = codec?.encode(new Float32Array(10).fill(value)) ?? new Uint8Array();
    return { contributor: { peer: `peer${i}`, samples: 8, steps: 2, hashes: [sha256Hex(bytes)] }, bytes };
  });
  // Clipped to 2, the median length: 1, 2, 2, 2 and −2; the mean takes the last for −6.
  const expected = { mean: 0.4, 'trimmed-mean': 5 / 3, median: 2, krum: 2 } as const;
  for (const rule of ['mean', 'trimmed-mean', 'median', 'krum'] as const) {
    const result = await engine.reduce({ codec: 'float32', rule }, 10, 0, contributions);
    const decoded = result.kind === 'reduced' ? codec?.decode(result.bytes, 10) : undefined;
    expect(decoded?.kind === 'decoded' && decoded.values[9]).toBeCloseTo(expected[rule], 5);
  }
});

test('VS2: an update gives the named version in plain float32; null parts stay', async () => {
  const { engine } = await engineWith();
  const manifest = fixture.round(name);
  const end = manifest.parts[0]?.end ?? 0;
  const update = normal(key(2), end);
  const bytes = codecOf('float32')?.encode(update) as Uint8Array;
  const expected = params.map((p, i) => (i < end ? Math.fround(p - (update[i] as number)) : p));
  expect(await engine.apply(manifest, [bytes, null])).toEqual({ version: versionName(expected) });
  // The next round starts from there, and the same update no longer fits.
  const next = fixture.round(versionName(expected));
  expect((await trainAlone(engine, next, [fixture.lease(0, 0, 8)], none)).kind).toBe('trained');
  expect(await engine.apply(manifest, [bytes, null])).toEqual({ version: versionName(expected) });
  expect(await engine.apply(next, [bytes.subarray(4), null])).toEqual({ version: versionName(expected) });
  expect(await engine.apply(next, [])).toEqual({ version: versionName(expected) });
});

test('VS3: a snapshot that is not what it says is refused and changes nothing', async () => {
  const { engine } = await engineWith();
  expect(await engine.load(snapshot.subarray(100), name)).toMatchObject({ kind: 'failed' });
  expect(await engine.load(snapshot, '0'.repeat(64))).toMatchObject({ kind: 'failed' });
  expect((await trainAlone(engine, fixture.round(name), [fixture.lease(0, 0, 8)], none)).kind).toBe(
    'trained',
  );
});

test('SH1: shards are checked by hash; only those of the newest leases stay', async () => {
  const { engine } = await engineWith();
  const [fileA, fileB] = [...fixture.files.values()] as [Uint8Array, Uint8Array];
  expect(await engine.missingShards([fixture.lease(0, 0, 8)])).toEqual([]);
  expect(await engine.missingShards([fixture.lease(0, 0, 8), fixture.lease(1, 0, 8)])).toEqual([shardB]);
  expect(await engine.addShard(shardB, fileA)).toBe(false);
  expect(await engine.addShard('0'.repeat(64), fileA)).toBe(false);
  expect(await engine.addShard(shardB, fileB)).toBe(true);
  expect(await engine.missingShards([fixture.lease(1, 0, 8)])).toEqual([]);
});

/** The orders of a round, large arrays by their hashes. */
async function ordersOf(engine: WorkerPort, leases: readonly Lease[], workers: number) {
  const divided = await engine.divide(fixture.round(name), leases, workers);
  if (divided.kind !== 'divided') throw new Error(divided.sentence);
  return divided.orders.map((order) => ({
    ...order,
    params: versionName(order.params),
    pictures: sha256Hex(order.pictures),
  }));
}

test('a worker that takes the version over trains, applies and draws as the one before', async () => {
  const [lead, next] = [await engineWith(), createEngine(quietHost(async () => await idleTrainer()))];
  await next.prepare(fixture.run);
  await next.takeOver(structuredClone(await lead.engine.handOver()));
  const drawn = async (engine: WorkerPort) =>
    sha256Hex((await engine.preview(1))?.original ?? new Uint8Array());
  expect(await drawn(next)).toBe(await drawn(lead.engine));
  for (const [hash, file] of fixture.files) await next.addShard(hash, file);
  const manifest = fixture.round(name);
  const divide = (engine: typeof next) => ordersOf(engine, [fixture.lease(0, 0, 8)], 1);
  expect(await divide(next)).toEqual(await divide(lead.engine));
  const bytes = codecOf('float32')?.encode(normal(key(2), manifest.parts[0]?.end ?? 0)) as Uint8Array;
  expect(await next.apply(manifest, [bytes, null])).toEqual(await lead.engine.apply(manifest, [bytes, null]));
});

test('work orders share no memory with the version, nor with each other', async () => {
  const { engine } = await engineWith();
  const leases = [fixture.lease(0, 0, 16)];
  const before = await ordersOf(engine, leases, 2);
  const divided = await engine.divide(fixture.round(name), leases, 2);
  if (divided.kind !== 'divided') throw new Error(divided.sentence);
  for (const { params: given, pictures } of divided.orders) {
    expect(given.byteLength).toBe(given.buffer.byteLength);
    expect(pictures.byteLength).toBe(pictures.buffer.byteLength);
    given.fill(0);
    pictures.fill(0);
  }
  expect([before.length, await ordersOf(engine, leases, 2)]).toEqual([2, before]);
});

test('a failure says whether the device is lost', async () => {
  const trainer = await idleTrainer(async () => ({ failed: 'the browser took the WebGL context away' }));
  const host = { ...quietHost(async () => trainer), isDeviceLost: (why: string) => why.includes('WebGL') };
  const engine = createEngine(host);
  await engine.prepare(fixture.run);
  const order = { ...{ params, pictures: new Uint8Array(8), key: key(1), minSteps: 1, maxSteps: 1 } };
  const rest = { batchSize: 8, budgetMs: 1, learningRate: 1, optimizer: 'sgd' } as const;
  expect(await engine.work({ ...order, ...rest }, none)).toEqual({
    ...{ kind: 'failed', deviceLost: true },
    sentence: 'Training stopped: the browser took the WebGL context away.',
  });
});

test('the throttle is asked after every step, so that a change counts at once', async () => {
  const seen: (number | undefined)[] = [];
  const { engine } = await engineWith(async (request, hooks) => {
    seen.push(hooks.throttle?.());
    await engine.setThrottle(0.25);
    seen.push(hooks.throttle?.());
    return halfStep(request, hooks);
  });
  await trainAlone(engine, fixture.round(name), [fixture.lease(0, 0, 8)], none);
  expect(seen).toEqual([1, 0.25]);
});

test('timing takes the median of the steps after warming up, with a trainer of its own', async () => {
  let [now, disposed] = [0, 0];
  const stepsMs = [900, 500, 40, 10, 20, 30, 1_000];
  const trainer = await idleTrainer(async (request, { onStep, isCancelled }) => {
    expect(request.nextBatch(0).pictures.length).toBe(request.batchSize * SIDE * SIDE * 3);
    for (const [step, ms] of stepsMs.entries()) {
      if (isCancelled()) return { cancelled: true };
      now += ms;
      onStep(step, 1);
    }
    return halfStep(request, { onStep: none, isCancelled: () => false });
  });
  const makeTrainer = async () => ({ ...trainer, dispose: () => void disposed++ });
  const engine = createEngine({ ...quietHost(makeTrainer), now: () => now });
  const timed = await engine.time(fixture.run, { batchSize: 16, deadlineMs: 60_000 });
  expect(timed).toEqual({ kind: 'timed', samplesPerSecond: 16 / 0.03 });
  expect(disposed).toBe(1);
  expect(await engine.time(fixture.run, { batchSize: 16, deadlineMs: 800 })).toEqual({
    kind: 'failed',
    sentence: 'it took 1 steps in 1 s',
  });
});

test('the preview shows the same eight pictures in every round', async () => {
  const { engine } = await engineWith();
  const first = await engine.preview(1);
  await engine.missingShards([fixture.lease(1, 0, 8)]);
  const second = await engine.preview(2);
  expect(first).toMatchObject({ round: 1, count: 8, side: SIDE, channels: 3 });
  expect(first?.original.byteLength).toBe(8 * SIDE * SIDE * 3);
  expect(second?.original).toEqual(first?.original);
});

test('a run that this build cannot read is a sentence', async () => {
  const engine = createEngine(quietHost(() => Promise.reject(new Error('not reached'))));
  await expect(engine.prepare({ ...fixture.run, model: { objective: 'gpt' } })).rejects.toThrow(
    /The model of run test cannot be read/,
  );
  await expect(engine.prepare({ ...fixture.run, dataset: null })).rejects.toThrow(
    /The data set of run test cannot be read/,
  );
});

/** Takes half steps until it is cancelled after the first. */
const cutShort = (cancel: () => void): TrainFunction => {
  return async (request, handlers) => {
    cancel();
    return handlers.isCancelled()
      ? halfStep({ ...request, maxSteps: 1 }, handlers)
      : { failed: 'not cancelled' };
  };
};

test('RD5: work that was cut short or not taken is where the next training begins, and in the next contribution', async () => {
  let train: TrainFunction = halfStep;
  const { engine, seen } = await engineWith((...asked) => train(...asked));
  const leases = [fixture.lease(0, 0, 8)];
  const first = (result: TrainResult) => new Float32Array(trained(result).parts[0]!.slice().buffer)[0];
  const startOf = (request: TrainRequest | undefined) => (request?.params[0] ?? NaN) - (params[0] as number);
  train = cutShort(() => void engine.cancel());
  expect(first(await trainAlone(engine, fixture.round(name), leases, none))).toBeCloseTo(0.5, 6);
  train = halfStep;
  const second = await trainAlone(engine, fixture.round(name, { round: 2 }), leases, none);
  expect([startOf(seen[1]), first(second)]).toEqual([expect.closeTo(-0.5, 6), expect.closeTo(1, 6)]);
  expect(second).toMatchObject({ carried: true, samples: 8, steps: 2 });
  await engine.settle(2, [true, true]);
  const third = await trainAlone(engine, fixture.round(name, { round: 3 }), leases, none);
  expect([startOf(seen[2]), first(third)]).toEqual([0, expect.closeTo(0.5, 6)]);
  expect(third).not.toHaveProperty('carried');
});

test('RD5: what is carried fits another version and another worker, and no other run', async () => {
  const { engine } = await engineWith();
  const leases = [fixture.lease(0, 0, 8)];
  await trainAlone(engine, fixture.round(name), leases, none);
  const moved = params.map((p) => p + 1);
  const later = versionName(moved);
  await engine.load(writeSnapshot(schema, moved), later);
  const next = createEngine(quietHost(async () => await idleTrainer()));
  await next.prepare(fixture.run);
  await next.takeOver(structuredClone(await engine.handOver()));
  for (const [hash, file] of fixture.files) await next.addShard(hash, file);
  const manifest = fixture.round(later, { round: 2 });
  const begins = async () => {
    const divided = await next.divide(manifest, leases, 1);
    return divided.kind === 'divided' ? divided.orders[0]?.params[0] : undefined;
  };
  expect(await begins()).toBeCloseTo((moved[0] as number) - 0.5, 6);
  await next.prepare(fixture.run);
  await next.load(writeSnapshot(schema, moved), later);
  for (const [hash, file] of fixture.files) await next.addShard(hash, file);
  expect(await begins()).toBe(moved[0]);
});
