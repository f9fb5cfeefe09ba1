import { describe, expect, it } from 'vitest';
import { adamwInit, adamwUpdate, decayRanges } from './adamw.ts';
import { learningRateAt, learningRateOver } from './schedule.ts';

describe('adamw', () => {
  it('decays matrices only', () => {
    const schema = [
      { name: 'token', shape: [1, 1, 4] },
      { name: 'w', shape: [2, 3] },
      { name: 'b', shape: [2] },
    ];
    expect(decayRanges(schema, 0.05)).toEqual([
      { start: 0, end: 4, weightDecay: 0 },
      { start: 4, end: 10, weightDecay: 0.05 },
      { start: 10, end: 12, weightDecay: 0 },
    ]);
  });

  it('first moves every parameter by the learning rate against its gradient, whatever its size', () => {
    const params = Float32Array.of(1, 1, 1);
    const options = {
      learningRate: 0.1,
      betas: [0.9, 0.95],
      eps: 1e-8,
      decay: [{ start: 0, end: 3, weightDecay: 0 }],
    } as const;
    const state = adamwUpdate(adamwInit(3), params, Float32Array.of(1e-3, -50, 0), options);
    expect(params[0]).toBeCloseTo(0.9, 5);
    expect(params[1]).toBeCloseTo(1.1, 5);
    expect(params[2]).toBe(1);
    expect(state.step).toBe(1);
  });
});

describe('learning rate', () => {
  const schedule = { baseRate: 1, minRate: 0.1, warmupSteps: 10, totalSteps: 110 };

  it('starts at zero, peaks after the warm-up and ends at the least rate', () => {
    expect([0, 5, 10, 60, 110, 500].map((step) => learningRateAt(step, schedule))).toEqual([
      0,
      0.5,
      1,
      expect.closeTo(0.55, 9),
      expect.closeTo(0.1, 9),
      expect.closeTo(0.1, 9),
    ]);
  });

  it('follows the same curve over a progress from 0 to 1', () => {
    const over = { baseRate: 1, minRate: 0.1, warmup: 10 / 110 };
    for (const step of [0, 7, 10, 50, 110]) {
      expect(learningRateOver(step / 110, over)).toBeCloseTo(learningRateAt(step, schedule), 9);
    }
  });

  it('needs no warm-up', () => {
    expect(learningRateAt(0, { ...schedule, warmupSteps: 0 })).toBe(1);
  });
});
