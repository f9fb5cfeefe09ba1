import { describe, expect, test } from 'vitest';
import { minimise, type Differentiable } from './lbfgs.ts';

/** Σ scale·(x − i)²: condition number 10,000. */
const bowl: Differentiable = (x, gradient) =>
  x.reduce((sum, value, i) => {
    const scale = 10 ** (i % 5);
    gradient[i] = 2 * scale * (value - i);
    return sum + scale * (value - i) ** 2;
  }, 0);

const goal = Array.from({ length: 20 }, (_, i) => i);

describe('L-BFGS', () => {
  test('finds the minimum of an ill-conditioned bowl and leaves the start alone', () => {
    const start = new Float64Array(20);
    const got = minimise(bowl, start, { tolerance: 1e-8, maxIterations: 200 });
    expect(got.converged).toBe(true);
    got.point.forEach((value, i) => expect(value).toBeCloseTo(i, 7));
    expect(Array.from(start)).toEqual(goal.map(() => 0));
  });

  test('needs one step where the preconditioner is the inverse Hessian', () => {
    const precondition = (v: Float64Array) => v.forEach((value, i) => (v[i] = value / (2 * 10 ** (i % 5))));
    const options = { tolerance: 1e-8, maxIterations: 200, precondition };
    const got = minimise(bowl, new Float64Array(20), options);
    expect(got).toMatchObject({ converged: true, iterations: 1 });
    got.point.forEach((value, i) => expect(value).toBeCloseTo(i, 9));
  });

  test('says when the iterations ran out', () => {
    const got = minimise(bowl, new Float64Array(20), { tolerance: 1e-8, maxIterations: 3 });
    expect(got).toMatchObject({ converged: false, iterations: 3 });
    expect(got.value).toBeLessThan(bowl(new Float64Array(20), new Float64Array(20)));
  });

  test('stops where rounding allows no progress', () => {
    const got = minimise((_, gradient) => (gradient.fill(1), 7), new Float64Array(2), {
      tolerance: 0,
      maxIterations: 50,
    });
    expect(got).toMatchObject({ converged: false, value: 7, iterations: 0 });
  });
});
