import { describe, expect, it } from 'vitest';
import type { Objective } from '../objectives/objective.ts';
import { key } from '../random/key.ts';
import type { LocalModel } from './localModel.ts';
import { trainRound } from './trainRound.ts';
import type { TrainHooks, TrainRequest } from './trainer.ts';

/** A device that takes 10 ms of a clock of its own for a step, one after the other; the clock moves when all else is idle. */
function fakeDevice(stepsAhead: number, losses: readonly (number | Error)[]) {
  const state = { now: 0, freeAt: 0, started: 0, flying: 0, mostFlying: 0, log: [] as string[] };
  const model: LocalModel = {
    stepsAhead,
    load: () => undefined,
    step() {
      const step = state.started++;
      state.log.push(`start ${step}`);
      state.mostFlying = Math.max(state.mostFlying, ++state.flying);
      const readyAt = Math.max(state.freeAt, state.now) + 10;
      state.freeAt = readyAt;
      return new Promise((resolve, reject) => {
        setImmediate(() => {
          state.flying--;
          state.now = Math.max(state.now, readyAt);
          const loss = losses[step] ?? 1;
          if (loss instanceof Error) reject(loss);
          else resolve(loss);
        });
      });
    },
    read: () => Promise.resolve(Float32Array.of(0)),
    forgetMoments: () => undefined,
    dispose: () => undefined,
  };
  const clock = {
    now: () => state.now,
    pause: (ms = 0) => {
      state.now += ms;
      return Promise.resolve();
    },
  };
  const objective: Objective = {
    schema: [],
    loss: () => {
      throw new Error('expected the fake device to ask for no loss');
    },
    encode: () => new Float32Array(),
    preview: () => {
      throw new Error('expected no preview');
    },
  };
  return { state, context: { objective, clock, model } };
}

const request = (changes: Partial<TrainRequest>): TrainRequest => ({
  params: Float32Array.of(0),
  minSteps: 1,
  maxSteps: 8,
  budgetMs: 1000,
  batchSize: 2,
  learningRate: 1e-3,
  key: key(1),
  nextBatch: () => ({ pictures: new Uint8Array() }),
  optimizer: 'adamw',
  ...changes,
});

interface Setting {
  readonly stepsAhead: number;
  readonly losses?: readonly (number | Error)[];
  readonly changes?: Partial<TrainRequest>;
  readonly hooks?: Partial<TrainHooks>;
}

async function outcome({ stepsAhead, losses = [], changes = {}, hooks = {} }: Setting) {
  const { state, context } = fakeDevice(stepsAhead, losses);
  const result = await trainRound(context, request(changes), {
    onStep: (step, loss) => state.log.push(`loss ${loss} of ${step}`),
    isCancelled: () => false,
    ...hooks,
  });
  return { result, state };
}

describe('a round on a device that works while this thread goes on', () => {
  it('waits for the first step, then keeps at most so many steps ahead, and for all in the end', async () => {
    const losses = [1, 2, 3, 4, 5];
    const { result, state } = await outcome({ stepsAhead: 2, losses, changes: { maxSteps: 5 } });
    expect(result).toMatchObject({ steps: 5, samples: 10, loss: 3 });
    expect(state.log).toEqual([
      ...['start 0', 'loss 1 of 0', 'start 1', 'start 2', 'start 3', 'loss 2 of 1'],
      ...['start 4', 'loss 3 of 2', 'loss 4 of 3', 'loss 5 of 4'],
    ]);
    expect(state.mostFlying).toBeLessThanOrEqual(3);
  });

  it('counts the steps on their way against the budget', async () => {
    for (const stepsAhead of [0, 1, 3]) {
      const { result, state } = await outcome({ stepsAhead, changes: { maxSteps: 99, budgetMs: 65 } });
      expect(result).toMatchObject({ steps: 6 });
      expect(state.now).toBe(60);
    }
  });

  it('keeps none on their way while it rests for a throttle', async () => {
    const { state } = await outcome({
      stepsAhead: 3,
      changes: { maxSteps: 3 },
      hooks: { throttle: () => 0.5 },
    });
    expect(state.mostFlying).toBe(1);
    expect(state.now).toBe(60);
  });

  it('RD5: waits for what is on its way when it is cancelled, and keeps it', async () => {
    let asked = 0;
    const { result, state } = await outcome({
      stepsAhead: 3,
      hooks: { isCancelled: () => ++asked > 3 },
    });
    expect(result).toMatchObject({ steps: 3 });
    expect(state.started).toBe(3);
    expect(state.flying).toBe(0);
  });

  it('names the step that was not finite, however many were started since', async () => {
    const { result, state } = await outcome({ stepsAhead: 3, losses: [1, 1, NaN] });
    expect(result).toEqual({ failed: 'non-finite loss at step 2' });
    expect(state.started).toBeGreaterThan(3);
    expect(state.flying).toBe(0);
  });

  it('fails with a sentence when memory runs out, and throws what it does not know', async () => {
    const full = new RangeError('Array buffer allocation failed');
    expect((await outcome({ stepsAhead: 1, losses: [1, full] })).result).toEqual({
      failed: expect.stringMatching(
        /^this device ran out of memory \(Array buffer allocation failed\): a smaller/,
      ),
    });
    await expect(outcome({ stepsAhead: 2, losses: [1, 1, new Error('a bug')] })).rejects.toThrow('a bug');
  });
});
