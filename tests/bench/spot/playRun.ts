import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rateAt } from '@murmur/coordinator/cli/openRun';
import { resolveOptions } from '@murmur/coordinator/cli/resolveOptions';
import { specFor } from '@murmur/coordinator/cli/specFor';
import { openDataset } from '@murmur/coordinator/ingest/dataset';
import { ingest } from '@murmur/coordinator/ingest/ingest';
import { averageContributions } from '@murmur/core/aggregate/average';
import type { Stint } from '@murmur/core/engine/recompute';
import { createShardStore, type ShardStore } from '@murmur/core/engine/shardStore';
import { createShift } from '@murmur/core/engine/shift';
import { workOrders } from '@murmur/core/engine/training';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import { startOfRun } from '@murmur/core/models/parameters';
import type { ObjectiveName } from '@murmur/core/models/recipes';
import type { RoundManifest } from '@murmur/core/protocol/round';
import { createLeaseBook, lease } from '@murmur/core/round/leases';
import { createTrainer } from '@murmur/core/train/trainer';
import type { Work } from '@murmur/core/volunteer/ports';

export const VOLUNTEERS = 4;
const BATCH = 16;
/** So many rounds the schedule of the learning rate is made for. */
const SCHEDULED = 100;
export const clock = { now: () => 0, pause: () => Promise.resolve() };

export interface Played {
  readonly spec: ModelSpec;
  readonly shards: ShardStore;
  /** By round from 0, then by volunteer. */
  readonly stints: readonly (readonly Stint[])[];
  readonly gradients: readonly (readonly Float32Array[])[];
}

export interface RunPlan {
  readonly objective: ObjectiveName;
  readonly steps: number;
  readonly rounds: number;
}

/** A run of a few honest volunteers on glyphs, nothing of which is lost; all that they did is kept. */
export async function playRun({ objective, steps, rounds }: RunPlan): Promise<Played> {
  const options = resolveOptions({
    flags: { objective, innerSteps: String(steps) },
    env: {},
    file: undefined,
  });
  const { manifest, shards } = await glyphs(objective === 'supervised');
  const spec = specFor(options, manifest);
  const trainers = [];
  for (let i = 0; i < VOLUNTEERS; i++) trainers.push(await createTrainer(spec, { clock }));
  const stints: Stint[][] = [];
  const gradients: Float32Array[][] = [];
  let book = createLeaseBook(manifest.shards);
  let base = startOfRun(spec, 0);
  for (let round = 1; round <= rounds; round++) {
    const rules = rulesOf(round, { steps, learningRate: rateAt(options, round / SCHEDULED) });
    const works: Work[] = [];
    const doing: Stint[] = [];
    for (const [i, trainer] of trainers.entries()) {
      const given = lease(book, `peer${i}`, BATCH * steps);
      book = given.book;
      doing.push({ manifest: rules, leases: given.leases, workers: 1, samples: BATCH * steps, base });
      const [order] = workOrders(rules, given.leases, { params: base, shards, workers: 1 });
      const shift = createShift({ throttle: () => 1, isDeviceLost: () => false });
      const done = order && (await shift.work(trainer, order, () => undefined));
      if (done?.kind !== 'worked')
        throw new Error(`playRun: expected work, received ${JSON.stringify(done)}`);
      works.push(done);
    }
    stints.push(doing);
    gradients.push(works.map((work) => work.gradient));
    const mean = averageContributions(works.map((work) => ({ ...work, values: work.gradient })));
    base = base.map((value, i) => value - (mean[i] as number));
  }
  for (const trainer of trainers) trainer.dispose();
  return { spec, shards, stints, gradients };
}

async function glyphs(withLabels: boolean) {
  const dir = await mkdtemp(join(tmpdir(), 'murmur-spot-'));
  try {
    await ingest({ source: 'glyphs', outDir: dir, seed: 0, withLabels, onProgress: () => undefined });
    const { manifest, shardPath } = await openDataset(dir);
    const shards = createShardStore(manifest);
    for (const { hash } of manifest.shards) shards.add(hash, await readFile(shardPath(hash) ?? ''));
    return { manifest, shards };
  } finally {
    await rm(dir, { recursive: true });
  }
}

const rulesOf = (
  round: number,
  { steps, learningRate }: { steps: number; learningRate: number },
): RoundManifest => ({
  ...{
    run: 'spot',
    round,
    base: '0'.repeat(64),
    members: [],
    parts: [],
    codec: 'int8',
    rule: 'mean',
    seed: 0,
  },
  ...{ optimizer: 'adamw', learningRate, batchSize: BATCH, minSteps: steps, maxSteps: steps },
  ...{ trainMs: Number.MAX_SAFE_INTEGER, reduceMs: 1 },
});
