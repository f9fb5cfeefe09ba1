import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testRun } from '@murmur/core/engine/engine.fixture';
import { recompute, type Stint } from '@murmur/core/engine/recompute';
import { createShardStore } from '@murmur/core/engine/shardStore';
import { modelSpec } from '@murmur/core/models/modelSpec';
import { startOfRun } from '@murmur/core/models/parameters';
import { startBackend } from '@murmur/core/tensor/backend';
import { createTrainer } from '@murmur/core/train/trainer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRecomputer, type Recomputer } from './recomputer.ts';

const fixture = testRun();
const spec = modelSpec.parse(fixture.run.model);
const clock = { now: () => 0, pause: () => Promise.resolve() };
let dir: string;
let recomputer: Recomputer;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'recomputer-'));
  const shardPath = (hash: string) => (fixture.files.has(hash) ? join(dir, hash) : undefined);
  const dataset = { manifest: fixture.dataset, shardPath, evaluation: async () => undefined };
  recomputer = createRecomputer({ dataset, spec });
});

afterEach(async () => {
  await recomputer.close();
  await rm(dir, { recursive: true });
});

const base = startOfRun(spec, 1);
const stints = [0, 8].map((start, i): Stint => ({
  manifest: fixture.round('0'.repeat(64), { round: i + 1, optimizer: 'adamw' }),
  ...{ leases: [fixture.lease(0, start, 8)], workers: 1, samples: 8, base },
}));

test('AG6: its thread reads the shards of the leases from disk, and gives the part that was asked for', async () => {
  for (const [hash, file] of fixture.files) await writeFile(join(dir, hash), file);
  const part = { start: 4096, end: 8192, owner: 'anna' };
  const gradient = await recomputer.recompute(stints, part);
  await startBackend({});
  const shards = createShardStore(fixture.dataset);
  for (const [hash, file] of fixture.files) shards.add(hash, file);
  const host = { makeTrainer: () => createTrainer(spec, { clock }), shards, isOver: () => false };
  const here = await recompute(host, stints);
  if (here.kind === 'failed') throw new Error(here.sentence);
  expect(gradient).toEqual(here.gradient.slice(part.start, part.end));
  expect(gradient.some((value) => value !== 0)).toBe(true);
});

test('AG6: a shard that is damaged is no reason to judge anybody', async () => {
  for (const hash of fixture.files.keys()) await writeFile(join(dir, hash), 'no shard');
  const part = { start: 0, end: 4096, owner: 'anna' };
  await expect(recomputer.recompute(stints, part)).rejects.toThrow(/is damaged/);
});
