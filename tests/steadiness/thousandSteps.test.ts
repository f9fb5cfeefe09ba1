import { expect, test } from 'vitest';
import { specOf } from '@murmur/core/models/modelSpec';
import { initialParams } from '@murmur/core/models/parameters';
import { fold, key, uint32Stream } from '@murmur/core/random/key';
import { liveTensors, tensorMemory } from '@murmur/core/tensor/backend';
import { createTrainer } from '@murmur/core/train/trainer';

const SIDE = 8;
const BATCH = 2;
/** By then everything that is made once is there. */
const SETTLED = 100;
const STEPS = 1000;

const clock = { now: () => 0, pause: () => Promise.resolve() };
const spec = specOf('nano', { imageSize: SIDE, patchSize: 4, numChannels: 1 }, { mean: [0.5], std: [0.29] });

/** Trains a thousand steps in one round, and looks at tensors and memory after every one. */
async function trainSteps() {
  const trainer = await createTrainer(spec, { backend: 'murmur', clock });
  const next = uint32Stream(key(1));
  const pictures = Uint8Array.from({ length: BATCH * SIDE ** 2 }, () => next() >>> 24);
  const seen: { tensors: number; pool: ReturnType<typeof tensorMemory>; loss: number }[] = [];
  const result = await trainer.train(
    {
      ...{ minSteps: STEPS, maxSteps: STEPS, budgetMs: 0, batchSize: BATCH, learningRate: 1e-3 },
      params: initialParams(spec.config, key(2)),
      optimizer: 'adamw',
      key: fold(key(3), 'steps'),
      nextBatch: () => ({ pictures }),
    },
    {
      onStep: (_, loss) => seen.push({ tensors: liveTensors(), pool: tensorMemory(), loss }),
      isCancelled: () => false,
    },
  );
  trainer.dispose();
  return { result, seen };
}

test(
  'over 1,000 steps on murmur no tensor stays behind and the memory pool does not grow',
  { timeout: 60_000 },
  async () => {
    const { result, seen } = await trainSteps();
    expect(result).toMatchObject({ steps: STEPS });
    expect(seen.length).toBe(STEPS);
    const [settled, later] = [seen[SETTLED - 1], seen.slice(SETTLED)];
    expect(new Set(later.map(({ tensors }) => tensors))).toEqual(new Set([settled?.tensors]));
    expect(later.at(-1)?.pool).toEqual(settled?.pool);
    expect(new Set(later.map(({ pool }) => pool?.pages))).toEqual(new Set([settled?.pool?.pages]));
    expect(settled?.pool?.pages).toBeGreaterThan(0);
    expect(later.at(-1)?.loss).toBeLessThan(seen[0]?.loss ?? 0);
  },
);
