import { createEngine } from '@murmur/core/engine/engine';
import { quietHost, testRun, trainAlone } from '@murmur/core/engine/engine.fixture';
import { initialParams, maeSchema } from '@murmur/core/models/parameters';
import { maeSpec } from '@murmur/core/models/modelSpec';
import { key } from '@murmur/core/random/key';
import { liveTensors, tensorMemory, type BackendName } from '@murmur/core/tensor/backend';
import { createTrainer } from '@murmur/core/train/trainer';
import { versionName } from '@murmur/core/version/name';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import { expect } from 'vitest';
import { nodeWasmPath } from '../reference/wasmPath.ts';
import { bytesInUse } from './bytesInUse.ts';

const ROUNDS = 20;
const STEPS = 10;
/** Code that gets compiled and caches that fill up; a leak of one batch a step would be twenty times this. */
const TOLERANCE_BYTES = 4 * 1024 * 1024;

/** Twenty rounds of ten steps on one backend: memory, tensors and the murmur backend's pool must be level. */
export async function expectLevel(backend: BackendName): Promise<void> {
  const fixture = testRun();
  const spec = maeSpec.parse(fixture.run.model);
  const clock = { now: () => 0, pause: () => Promise.resolve() };
  const engine = createEngine(
    quietHost((s) => createTrainer(s, { backend, wasmPath: nodeWasmPath(), clock })),
  );
  await engine.prepare(fixture.run);
  const params = initialParams(spec.config, key(1));
  let version = versionName(params);
  expect(await engine.load(writeSnapshot(maeSchema(spec.config), params), version)).toEqual({
    kind: 'loaded',
  });
  for (const [hash, file] of fixture.files) await engine.addShard(hash, file);
  const seen: { bytes: number; tensors: number; loss: number; pool: unknown }[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const manifest = fixture.round(version, {
      round,
      optimizer: 'adamw',
      learningRate: 1e-3,
      codec: 'int8',
      minSteps: STEPS,
      maxSteps: STEPS,
      batchSize: 1,
    });
    const result = await trainAlone(engine, manifest, [fixture.lease(0, 0, STEPS)]);
    if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
    const contributor = {
      peer: 'aaaa',
      samples: result.samples,
      steps: result.steps,
      hashes: [...result.hashes],
    };
    const updates: Uint8Array[] = [];
    for (const [part, { start, end }] of manifest.parts.entries()) {
      const reduced = await engine.reduce(manifest, end - start, part, [
        { contributor, bytes: result.parts[part] as Uint8Array },
      ]);
      if (reduced.kind !== 'reduced') throw new Error(reduced.sentence);
      updates.push(reduced.bytes);
    }
    version = (await engine.apply(manifest, updates)).version;
    await engine.preview(round);
    const bytes = await bytesInUse();
    seen.push({ bytes, tensors: liveTensors(), loss: result.loss, pool: tensorMemory() });
  }
  const [settled, last] = [seen[4], seen.at(-1)];
  expect(last?.pool).toEqual(settled?.pool);
  expect(last?.pool !== undefined).toBe(backend === 'murmur');
  expect(last?.tensors).toBe(settled?.tensors);
  // A collection may leave what a pending promise still holds: the lowest of five rounds is what stays.
  const lowest = (rounds: typeof seen) => Math.min(...rounds.map(({ bytes }) => bytes));
  expect(lowest(seen.slice(-5)) - lowest(seen.slice(4, 9))).toBeLessThan(TOLERANCE_BYTES);
  expect(last?.loss).toBeLessThan(seen[0]?.loss ?? 0);
}
