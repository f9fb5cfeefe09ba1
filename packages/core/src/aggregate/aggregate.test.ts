import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float32 } from '../codec/float32.ts';
import { int8 } from '../codec/int8.ts';
import { averageContributions, contributionShares } from './average.ts';
import { commitUpdate, subtractUpdate, type OuterState } from './commitUpdate.ts';
import { outerStep, PLAIN_AVERAGING } from './outerStep.ts';

const f32 = (...values: number[]) => Float32Array.of(...values);

test('RD10: shares are samples, capped at three times the median, and sum to one', () => {
  expect(contributionShares([10, 30])).toEqual([0.25, 0.75]);
  expect(contributionShares([10, 10, 1000])).toEqual([0.2, 0.2, 0.6]);
});

test('RD10: with equal steps the average is the mean weighted by samples', () => {
  const mean = averageContributions([
    { values: f32(1, 2), samples: 10, steps: 2 },
    { values: f32(3, 6), samples: 30, steps: 2 },
  ]);
  expect([...mean]).toEqual([2.5, 5]);
});

test('RD10: twice the steps do not count twice', () => {
  // Both moved by 1 a step; the fast one made 3 steps, the slow one 1: each step of the mean is still 1.
  const mean = averageContributions([
    { values: f32(3), samples: 30, steps: 3 },
    { values: f32(1), samples: 30, steps: 1 },
  ]);
  expect(mean[0]).toBeCloseTo(2, 6);
});

test('AG1: an update that would make parameters infinite makes no version', () => {
  const state = { params: f32(-3e38, 1), momentum: f32(0, 0), residual: f32(0, 0) };
  const part = { start: 0, end: 2, owner: 'anna' };
  const rules = { codec: float32, outer: PLAIN_AVERAGING };
  expect(() => commitUpdate(state, [part], [f32(3e38, 0)], rules)).toThrow('would not be finite');
});

test('averaging nothing or unequal lengths is a bug that says so', () => {
  expect(() => averageContributions([])).toThrow('received none');
  const one = { samples: 1, steps: 1 };
  expect(() =>
    averageContributions([
      { values: f32(1), ...one },
      { values: f32(1, 2), ...one },
    ]),
  ).toThrow('received 1, 2');
});

test('an average lies between its contributions, whatever their weights', () => {
  const contribution = fc.record({
    value: fc.float({ min: -100, max: 100, noNaN: true }),
    samples: fc.integer({ min: 1, max: 1000 }),
  });
  fc.assert(
    fc.property(fc.array(contribution, { minLength: 1, maxLength: 8 }), (list) => {
      const [mean] = averageContributions(
        list.map(({ value, samples }) => ({ values: f32(value), samples, steps: 4 })),
      );
      const values = list.map((c) => Math.fround(c.value));
      expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-4);
      expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-4);
    }),
  );
});

test('plain averaging hands the mean on; Nesterov adds its look-ahead', () => {
  expect([...outerStep(f32(2), f32(5), PLAIN_AVERAGING).update]).toEqual([2]);
  const { update, buffer } = outerStep(f32(2), f32(10), { learningRate: 0.5, momentum: 0.9 });
  expect(buffer[0]).toBeCloseTo(11, 5);
  expect(update[0]).toBeCloseTo(0.5 * (2 + 0.9 * 11), 5);
});

const parts = [
  { start: 0, end: 2, owner: 'aaaa' },
  { start: 2, end: 4, owner: 'bbbb' },
];
const state = { params: f32(1, 2, 3, 4), momentum: f32(0, 0, 0, 0), residual: f32(0, 0, 0, 0) };

test('RD6: a part that nobody reduced stays exactly as it was', () => {
  const { state: next, updates } = commitUpdate(state, parts, [f32(0.5, 0.5), null], {
    codec: float32,
    outer: PLAIN_AVERAGING,
  });
  expect([...next.params]).toEqual([0.5, 1.5, 3, 4]);
  expect(updates[1]).toBeNull();
  expect([...state.params]).toEqual([1, 2, 3, 4]);
});

test('RD8: what quantising leaves out is carried into the next update, so that errors do not add up', () => {
  const gradient = f32(1, 0.003, 0.7, -0.2);
  const whole = [{ start: 0, end: 4, owner: 'aaaa' }];
  let next: OuterState = state;
  for (let round = 0; round < 50; round++)
    next = commitUpdate(next, whole, [gradient], { codec: int8, outer: PLAIN_AVERAGING }).state;
  // Without the residual the second value, below half a step of the code, would never move.
  gradient.forEach((g, i) => expect(next.params[i]).toBeCloseTo((state.params[i] as number) - 50 * g, 1));
});

test('VS2: applying the update gives the same bytes as committing it', () => {
  const { state: next, updates } = commitUpdate(state, parts, [f32(0.1, 0.2), f32(0.3, -0.4)], {
    codec: int8,
    outer: PLAIN_AVERAGING,
  });
  const params = state.params.slice();
  parts.forEach(({ start, end }, i) => {
    const decoded = int8.decode(updates[i] as Uint8Array, end - start);
    if (decoded.kind === 'decoded') subtractUpdate(params, decoded.values, start);
  });
  expect(params).toEqual(next.params);
});
