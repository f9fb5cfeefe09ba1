import { describe, expect, it } from 'vitest';
import { adamwLoop } from '../tensor/loops/adamw.ts';
import { coefficientsAt, decays, maeAdamw } from './adamw.ts';
import { learningRateAt, learningRateOver } from './schedule.ts';

describe('adamw', () => {
  it('decays matrices only', () => {
    const shapes = [[1, 1, 4], [2, 3], [2]];
    expect(shapes.map((shape) => decays({ name: 'p', shape }))).toEqual([false, true, false]);
  });

  it('has the numbers of the published recipe', () => {
    expect(maeAdamw).toEqual({ betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.05 });
  });

  it('first moves every parameter by the learning rate against its gradient, whatever its size', () => {
    const options = { betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0 } as const;
    const params = Float32Array.of(1, 1, 1);
    const grads = Float32Array.of(1e-3, -50, 0);
    adamwLoop([params, grads, new Float32Array(3), new Float32Array(3)], coefficientsAt(1, 0.1, options));
    expect(params[0]).toBeCloseTo(0.9, 5);
    expect(params[1]).toBeCloseTo(1.1, 5);
    expect(params[2]).toBe(1);
  });

  it('takes decay from the parameter itself, before the step', () => {
    const options = { betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.5 } as const;
    expect(coefficientsAt(3, 0.1, options).keep).toBeCloseTo(0.95, 12);
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
