import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { testRun } from '@murmur/core/engine/engine.fixture';
import { maeSpec } from '@murmur/core/models/modelSpec';
import { initialParams, maeSchema } from '@murmur/core/models/parameters';
import { key } from '@murmur/core/random/key';
import { versionName } from '@murmur/core/version/name';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodePorts } from './nodePorts.ts';
import type { VolunteerPorts } from '@murmur/core/volunteer/ports';

let folder: string;
let ports: VolunteerPorts;
const fixture = testRun();
const spec = maeSpec.parse(fixture.run.model);
const params = initialParams(spec.config, key(1));
const base = versionName(params);
const snapshot = () => writeSnapshot(maeSchema(spec.config), params);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'murmur-'));
  const log = () => undefined;
  ports = nodePorts({
    origin: 'http://localhost:9',
    name: 'test',
    token: undefined,
    cacheFolder: folder,
    ...{ workers: 1, throttle: 1, backend: undefined },
    log,
  });
});
afterAll(async () => {
  await ports.engine.dispose();
  await rm(folder, { recursive: true });
});

test('the engine trains, reduces, applies and draws on a thread of its own', async () => {
  const { engine } = ports;
  const prepared = await engine.prepare(fixture.run);
  expect(prepared.schemaHash).toBe(fixture.run.schemaHash);
  expect(prepared.device).toMatch(/^Node .*core.*, murmur (relaxed )?simd$/);
  expect(await engine.load(snapshot(), '0'.repeat(64))).toMatchObject({ kind: 'failed' });
  expect(await engine.load(snapshot(), base)).toEqual({ kind: 'loaded' });
  for (const [hash, file] of fixture.files) expect(await engine.addShard(hash, file)).toBe(true);

  const manifest = fixture.round(base, { codec: 'int8' });
  const seen: number[][] = [];
  const result = await engine.train(manifest, { leases: [fixture.lease(0, 0, 8)], workers: 1 }, (...step) =>
    seen.push(step),
  );
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  expect(result).toMatchObject({ samples: 8, steps: 2, hashes: result.parts.map(sha256Hex) });
  expect(seen[0]?.slice(0, 2)).toEqual([1, 4]);

  const contributor = { peer: 'aaaa', samples: 8, steps: 2, hashes: [...result.hashes] };
  const updates: Uint8Array[] = [];
  for (const [part, { start, end }] of manifest.parts.entries()) {
    const bytes = result.parts[part] as Uint8Array;
    const reduced = await engine.reduce(manifest, end - start, part, [{ contributor, bytes }]);
    if (reduced.kind !== 'reduced') throw new Error(reduced.sentence);
    expect(sha256Hex(reduced.bytes)).toBe(result.hashes[part]);
    updates.push(reduced.bytes);
  }
  expect((await engine.apply(manifest, updates)).version).not.toBe(base);
  const preview = await engine.preview(1);
  expect([preview?.count, preview?.predicted.byteLength]).toEqual([8, 8 * 32 * 32 * 3]);
});

test.runIf(availableParallelism() > 1)('two threads give one contribution', async () => {
  const { engine, clock } = ports;
  let workers = 0;
  const both = new Promise<void>((resolve) =>
    engine.watch({
      ...{ onRestarted: () => undefined, onPrepared: () => undefined, onLost: () => undefined },
      onCompute: (view) => ((workers = view.workers), view.workers === 2 && resolve()),
    }),
  );
  await engine.prepare(fixture.run);
  await engine.load(snapshot(), base);
  for (const [hash, file] of fixture.files) await engine.addShard(hash, file);
  engine.setWorkers(2);
  await both;
  const manifest = fixture.round(base, { batchSize: 16, maxSteps: 1 });
  const began = clock.now();
  const seen: number[][] = [];
  const result = await engine.train(manifest, { leases: [fixture.lease(0, 0, 16)], workers: 2 }, (...step) =>
    seen.push(step),
  );
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  expect(result).toMatchObject({ samples: 16, steps: 1, hashes: result.parts.map(sha256Hex) });
  expect(seen.map(([, samples]) => samples)).toEqual([8, 16]);
  expect(result.trainMs).toBeLessThanOrEqual(clock.now() - began);
  engine.setWorkers(1);
  const alone = await engine.train(
    manifest,
    { leases: [fixture.lease(0, 0, 16)], workers: 2 },
    () => undefined,
  );
  expect(alone).toMatchObject({ kind: 'trained', samples: 16 });
  expect(workers).toBe(1);
});

test('what goes wrong on the thread is a sentence here, and after its end every call rejects', async () => {
  const log = () => undefined;
  const other = nodePorts({
    origin: 'http://localhost:9',
    name: 'test',
    token: undefined,
    cacheFolder: folder,
    ...{ workers: 1, throttle: 1, backend: undefined },
    log,
  });
  await expect(other.engine.prepare({ ...fixture.run, model: {} })).rejects.toThrow(
    /The model of run test cannot be read/,
  );
  const pending = other.engine.prepare(fixture.run);
  await other.engine.dispose();
  await expect(pending).rejects.toThrow(/ended/);
});
