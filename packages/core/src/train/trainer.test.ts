import { beforeAll, describe, expect, it } from 'vitest';
import { maeConfig } from '../models/config.ts';
import { maeSpec } from '../models/modelSpec.ts';
import { initialParams } from '../models/parameters.ts';
import { mae } from '../objectives/mae.ts';
import { fold, key, uint32Stream } from '../random/key.ts';
import { lossAndGradients } from '../tensor/parameters.ts';
import { pseudoGradient } from './pseudoGradient.ts';
import { createTrainer, type Clock, type Trainer, type TrainHooks, type TrainRequest } from './trainer.ts';

const config = maeConfig.parse({
  imageSize: 16,
  patchSize: 4,
  numChannels: 1,
  hiddenSize: 16,
  numHiddenLayers: 1,
  numAttentionHeads: 2,
  intermediateSize: 32,
  decoderHiddenSize: 8,
  decoderNumHiddenLayers: 1,
  decoderNumAttentionHeads: 2,
  decoderIntermediateSize: 16,
  maskRatio: 0.75,
  normPixLoss: false,
  layerNormEps: 1e-6,
  qkvBias: true,
});
const spec = maeSpec.parse({ objective: 'mae', preset: 'nano', config, mean: [0.5], std: [0.25] });
const start = initialParams(config, key(1));
const BATCH = 8;

/** Pictures of a bright bar in one of four places: a structure that can be learnt. */
function bars(from: number): Uint8Array {
  const next = uint32Stream(key(from));
  const pictures = new Uint8Array(BATCH * 256).fill(40);
  for (let b = 0; b < BATCH; b++) {
    const column = 4 * (next() % 4);
    for (let row = 0; row < 16; row++)
      pictures.fill(220, b * 256 + row * 16 + column, b * 256 + row * 16 + column + 4);
  }
  return pictures;
}

/** Advances only when it is paused. */
function fakeClock() {
  const state = { now: 0, paused: 0 };
  const clock: Clock = {
    now: () => state.now,
    pause: (ms = 0) => {
      state.now += ms;
      state.paused += ms;
      return Promise.resolve();
    },
  };
  return { clock, state };
}

const hooks: TrainHooks = { onStep: () => undefined, isCancelled: () => false };

const request = (changes: Partial<TrainRequest> = {}): TrainRequest => ({
  params: start,
  minSteps: 3,
  maxSteps: 3,
  budgetMs: 0,
  batchSize: BATCH,
  learningRate: 1e-3,
  key: key(9),
  nextBatch: (step) => ({ pictures: bars(step) }),
  optimizer: 'adamw',
  ...changes,
});

const { clock } = fakeClock();
const fresh = (): Promise<Trainer> => createTrainer(spec, { backend: 'cpu', clock });

async function outcome(trainer: Trainer, changes: Partial<TrainRequest> = {}, throttle = 1) {
  const result = await trainer.train(request(changes), { ...hooks, throttle: () => throttle });
  if (!('params' in result)) throw new Error(`expected an outcome, received ${JSON.stringify(result)}`);
  return result;
}

describe('trainer', () => {
  let trainer: Trainer;
  beforeAll(async () => {
    trainer = await fresh();
  });

  it('gives the same bytes for the same key and start, and others for another key', async () => {
    const [a, b, c] = [await fresh(), await fresh(), await fresh()];
    const first = await outcome(a);
    expect(await outcome(b)).toEqual(first);
    expect((await outcome(c, { key: key(10) })).params).not.toEqual(first.params);
    expect(first).toMatchObject({ steps: 3, samples: 3 * BATCH });
  });

  it('moves by exactly the gradient in one step of plain descent', async () => {
    const { params, loss } = await outcome(trainer, {
      optimizer: 'sgd',
      minSteps: 1,
      maxSteps: 1,
      learningRate: 0.5,
    });
    const objective = mae(spec);
    const expected = lossAndGradients(objective.schema, start, (weights) =>
      objective.loss(weights, { pictures: bars(0) }, fold(key(9), 0)),
    );
    expect(loss).toBe(expected.loss);
    expect(params).toEqual(start.map((value, i) => value - 0.5 * (expected.grads[i] as number)));
    const change = pseudoGradient(start, params);
    change.forEach((value, i) =>
      expect(Math.abs(value - 0.5 * (expected.grads[i] as number))).toBeLessThan(1e-6),
    );
  });

  it('leaves the round start as it was', async () => {
    const before = start.slice();
    await outcome(trainer);
    expect(start).toEqual(before);
  });

  it('learns: the loss falls by half on pictures with a structure', async () => {
    const losses: number[] = [];
    const learner = await fresh();
    await learner.train(request({ minSteps: 300, maxSteps: 300, learningRate: 5e-3 }), {
      ...hooks,
      onStep: (_, loss) => losses.push(loss),
    });
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    expect(mean(losses.slice(-10))).toBeLessThan(0.5 * mean(losses.slice(0, 3)));
  });

  it('keeps the moments of AdamW from round to round', async () => {
    const one = await fresh();
    const whole = await outcome(one, { minSteps: 2, maxSteps: 2, key: key(9) });
    const two = await fresh();
    const first = await outcome(two, { minSteps: 1, maxSteps: 1 });
    const rest = await two.train(
      request({ params: first.params, minSteps: 1, maxSteps: 1, nextBatch: () => ({ pictures: bars(1) }) }),
      hooks,
    );
    const cold = await (
      await fresh()
    ).train(
      request({ params: first.params, minSteps: 1, maxSteps: 1, nextBatch: () => ({ pictures: bars(1) }) }),
      hooks,
    );
    expect(whole.params.length).toBe(start.length);
    expect(rest).not.toEqual(cold);
  });

  it('holds no more tensors after 200 steps than before', async () => {
    const counts = new Set<number>();
    const before = trainer.liveTensors();
    await trainer.train(request({ minSteps: 200, maxSteps: 200, learningRate: 1e-4 }), {
      ...hooks,
      onStep: () => counts.add(trainer.liveTensors()),
    });
    trainer.encode(start, bars(0), BATCH);
    await trainer.preview(start, bars(0), key(1));
    expect([...counts]).toEqual([before]);
    expect(trainer.liveTensors()).toBe(before);
  });

  it('RD5: stops between steps when it is cancelled, with the steps that it has taken, if any', async () => {
    const steps: number[] = [];
    const cut = await fresh();
    const result = await cut.train(request({ minSteps: 9, maxSteps: 9 }), {
      onStep: (step) => steps.push(step),
      isCancelled: () => steps.length === 2,
    });
    expect(steps).toEqual([0, 1]);
    expect(result).toEqual(await outcome(await fresh(), { minSteps: 2, maxSteps: 2 }));
    expect(await cut.train(request(), { ...hooks, isCancelled: () => true })).toEqual({ cancelled: true });
  });

  it('names the step whose loss is not finite, and stays usable', async () => {
    const broken = start.slice();
    broken[0] = NaN;
    expect(await trainer.train(request({ params: broken }), hooks)).toEqual({
      failed: 'non-finite loss at step 0',
    });
    const before = trainer.liveTensors();
    expect(Number.isFinite((await outcome(trainer)).loss)).toBe(true);
    expect(trainer.liveTensors()).toBe(before);
  });

  it('refuses pictures of another size with a sentence', async () => {
    await expect(
      trainer.train(request({ nextBatch: () => ({ pictures: new Uint8Array(100) }) }), hooks),
    ).rejects.toThrow('expected pictures of 256 bytes each (16×16×1), received 100 bytes in all');
  });
});

describe('budget and throttle', () => {
  /** Each step takes 10 ms of the fake clock. */
  async function timed(changes: Partial<TrainRequest>, throttle = 1) {
    const { clock: own, state } = fakeClock();
    const trainer = await createTrainer(spec, { backend: 'cpu', clock: own });
    const nextBatch = (step: number) => {
      state.now += 10;
      return { pictures: bars(step) };
    };
    const result = await outcome(trainer, { nextBatch, ...changes }, throttle);
    return { result, state };
  }

  it('computes for the share of the time that the volunteer gives', async () => {
    const { result, state } = await timed({ minSteps: 6, maxSteps: 6 }, 0.25);
    expect(state.paused).toBe(180);
    expect(result.trainMs).toBe(240);
    expect((await timed({ minSteps: 6, maxSteps: 6 }, 1)).result.trainMs).toBe(60);
  });

  it('starts no step that would end after the budget, yet always makes the smallest number', async () => {
    expect((await timed({ minSteps: 1, maxSteps: 99, budgetMs: 55 })).result.steps).toBe(5);
    expect((await timed({ minSteps: 8, maxSteps: 99, budgetMs: 55 })).result.steps).toBe(8);
    expect((await timed({ minSteps: 1, maxSteps: 3, budgetMs: 55 })).result.steps).toBe(3);
  });

  it('refuses a duty cycle of nothing', async () => {
    await expect(timed({}, 0)).rejects.toThrow('a throttle above 0');
  });
});
