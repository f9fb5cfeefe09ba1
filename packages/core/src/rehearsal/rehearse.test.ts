import { beforeAll, describe, expect, test } from 'vitest';
import { float32 } from '../codec/float32.ts';
import { int8 } from '../codec/int8.ts';
import { decodeShard } from '../data/shard.ts';
import { testRun } from '../engine/engine.fixture.ts';
import { leaseBatches, leaseKey } from '../engine/leaseBatches.ts';
import { initialParams } from '../models/parameters.ts';
import { maeSpec } from '../models/modelSpec.ts';
import { key } from '../random/key.ts';
import { startBackend } from '../tensor/backend.ts';
import { createTrainer } from '../train/trainer.ts';
import type { RehearsalPlan } from './plan.ts';
import { rehearse } from './rehearse.ts';

const fixture = testRun();
const spec = maeSpec.parse(fixture.run.model);
const initial = initialParams(spec.config, key(3));
const clock = { now: () => 0, pause: () => Promise.resolve() };
const makeTrainer = () => createTrainer(spec, { backend: 'murmur', clock });

const shards = new Map(
  fixture.dataset.shards.map(({ hash, count }) => {
    const decoded = decodeShard(fixture.files.get(hash) as Uint8Array, {
      hash,
      count,
      side: 32,
      channels: 3,
    });
    if (!decoded.ok) throw new Error(decoded.sentence);
    return [hash, decoded.shard];
  }),
);
const store = { get: (hash: string) => shards.get(hash), entries: fixture.dataset.shards };

const each = (least: number) => ({ joint: 0, least });

const plan = (changes: Partial<RehearsalPlan> = {}): RehearsalPlan => ({
  volunteers: 2,
  samples: 16,
  batch: each(4),
  innerSteps: 1,
  overlap: 0,
  optimizer: 'sgd',
  learningRateAt: () => 0.1,
  codec: float32,
  aggregate: 'auto',
  outer: { learningRate: 1, momentum: 0 },
  seed: 11,
  spotChecks: 0,
  ...changes,
});

const play = (changes: Partial<RehearsalPlan>) =>
  rehearse(plan(changes), initial, { makeTrainer, shards: store, onRound: () => Promise.resolve() });

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] as number))), 0);

beforeAll(() => startBackend({ backend: 'murmur' }));

describe('a rehearsal', () => {
  test('is repeated to the last bit, and leaves no tensor and the parameters as they were', async () => {
    const before = initial.slice();
    const counter = await makeTrainer();
    const tensors = counter.liveTensors();
    const [first, second] = [await play({ codec: int8 }), await play({ codec: int8 })];
    expect(first).toEqual(second);
    expect(initial).toEqual(before);
    expect(counter.liveTensors()).toBe(tensors);
    counter.dispose();
  });

  test('counts rounds, samples and what is sent', async () => {
    const { rounds, samples, uploadBytes } = await play({ samples: 17, innerSteps: 2, batch: each(2) });
    // 2 volunteers · 2 steps · 2 pictures a round; the third round passes 17
    expect([rounds, samples]).toEqual([3, 24]);
    // half of the contribution, and the update of the other half
    expect(uploadBytes).toBe(3 * 4 * fixture.size);
  });

  test('of one volunteer with exact codec and plain averaging is its own training', async () => {
    const { params } = await play({ volunteers: 1, samples: 12, batch: each(4), innerSteps: 3 });
    const [first] = fixture.dataset.shards;
    const leases = [{ shard: first?.hash ?? '', epoch: 0, start: 0, count: 12 }];
    const batches = leaseBatches(11, leases, 4, { ...store, add: () => false, missing: () => [] });
    const trainer = await makeTrainer();
    const alone = await trainer.train(
      {
        ...{ params: initial, minSteps: 3, maxSteps: 3, budgetMs: Infinity, batchSize: 4, learningRate: 0.1 },
        key: leaseKey(11, leases),
        nextBatch: (step) => batches.batch(step),
        optimizer: 'sgd',
      },
      { onStep: () => undefined, isCancelled: () => false },
    );
    trainer.dispose();
    if (!('params' in alone)) throw new Error(JSON.stringify(alone));
    expect(furthest(params, alone.params)).toBeLessThan(1e-6);
    expect(furthest(params, initial)).toBeGreaterThan(1e-3);
  });

  test('RD5: what is done while a round is exchanged is in the next version', async () => {
    const moved = async (overlap: number) => {
      const learningRateAt = (progress: number) => (progress === 0 ? 0.1 : 0);
      const same = { volunteers: 1, innerSteps: 3, learningRateAt, overlap };
      const [one, two] = [await play({ ...same, samples: 12 }), await play({ ...same, samples: 24 })];
      expect([one.samples, two.samples]).toEqual([12, 24]);
      return furthest(one.params, two.params);
    };
    expect(await moved(0)).toBe(0);
    expect(await moved(0.67)).toBeGreaterThan(1e-3);
  });

  test('AG2: two of eight who turn their work round, ten times as long, stop the mean and not the rule for so many', async () => {
    const losses = async (aggregate: 'mean' | 'auto') => {
      const seen: number[] = [];
      const eight = { ...{ volunteers: 8, samples: 32, batch: each(1) }, aggregate } as const;
      await rehearse(plan({ ...eight, attackers: { kind: 'scaled', share: 0.25 } }), initial, {
        makeTrainer,
        shards: store,
        onRound: async ({ loss }) => void seen.push(loss),
      });
      return { first: seen[0] ?? NaN, last: seen.at(-1) ?? NaN };
    };
    const [mean, robust] = [await losses('mean'), await losses('auto')];
    expect(mean.last).toBeGreaterThan(mean.first);
    expect(robust.last).toBeLessThan(0.9 * robust.first);
  });

  test('AG6: where contributions are checked, an attacker is soon excluded, the run goes on, and nobody honest ever is', async () => {
    const three = { volunteers: 3, samples: 24, batch: each(1), spotChecks: 1 } as const;
    const { excluded, rounds } = await play({ ...three, attackers: { kind: 'sign-flip', share: 0.34 } });
    expect(excluded).toEqual(['peer0002']);
    // 3 samples a round until then, 2 from then on.
    expect(rounds).toBeGreaterThan(8);
    expect(await play({ ...three, samples: 12 })).toMatchObject({ excluded: [], rounds: 4 });
  });

  test('AG6: checks take no more than their share of the time, and those who stay share the joint batch', async () => {
    const attackers = { kind: 'sign-flip', share: 0.34 } as const;
    const three = { volunteers: 3, batch: { joint: 6, least: 1 }, attackers, samples: 48 };
    const { rounds: often } = await play({ ...three, spotChecks: 1 });
    const rarely = await play({ ...three, spotChecks: 0.01 });
    // Six samples a round, whether three or two are in; with one check in a hundred rounds nobody is told apart yet.
    expect([often, rarely.rounds, rarely.excluded]).toEqual([8, 8, []]);
  });

  test('gives the shards out once before any picture comes again', async () => {
    const seen: string[] = [];
    const watched = {
      ...store,
      get: (hash: string) => {
        seen.push(hash);
        return store.get(hash);
      },
    };
    await rehearse(plan({ samples: 32, batch: each(16) }), initial, {
      makeTrainer,
      shards: watched,
      onRound: () => Promise.resolve(),
    });
    expect(new Set(seen).size).toBe(2);
  });

  test('fails with the sentence of the training, and disposes of every trainer', async () => {
    let alive = 0;
    const failing = rehearse(plan({ learningRateAt: () => 1e30 }), initial, {
      makeTrainer: async () => {
        const trainer = await makeTrainer();
        alive++;
        return {
          ...trainer,
          dispose() {
            alive--;
            trainer.dispose();
          },
        };
      },
      shards: store,
      onRound: () => Promise.resolve(),
    });
    await expect(failing).rejects.toThrow(/non-finite/);
    expect(alive).toBe(0);
  });
});
