import { describe, expect, it } from 'vitest';
import { coefficientsAt, type AdamwOptions } from '../../optim/adamw.ts';
import { startBackend } from '../backend.ts';
import { tensorOf, valuesOf, type Tensor } from '../ops.ts';
import { random } from '../simd/compare.fixture.ts';
import { adamwStep } from './adamw.ts';

const STEPS = 5;
const RATE = 0.02;

/** Algorithm 2 of Loshchilov and Hutter 2019 for one value, in double precision, with a constant rate. */
function published(start: number, grads: readonly number[], options: AdamwOptions): number[] {
  const [beta1, beta2] = options.betas;
  let [theta, m, v] = [start, 0, 0];
  grads.forEach((g, i) => {
    const t = i + 1;
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const [mHat, vHat] = [m / (1 - beta1 ** t), v / (1 - beta2 ** t)];
    theta -= RATE * (mHat / (Math.sqrt(vHat) + options.eps) + options.weightDecay * theta);
  });
  return [theta, m, v];
}

/** Parameters and both moments after some steps of the fused operation. */
function stepped(params: Float32Array, grads: readonly Float32Array[], options: AdamwOptions): number[][] {
  const shape = [params.length];
  const zeros = () => tensorOf(new Float32Array(params.length), shape);
  let state: readonly [Tensor, Tensor, Tensor] = [tensorOf(params.slice(), shape), zeros(), zeros()];
  grads.forEach((values, i) => {
    const grad = tensorOf(values, shape);
    const [param, expAvg, expAvgSq] = state;
    state = adamwStep([param, grad, expAvg, expAvgSq], coefficientsAt(i + 1, RATE, options));
    grad.dispose();
  });
  const values = state.map((tensor) => [...valuesOf(tensor)]);
  state.forEach((tensor) => tensor.dispose());
  return values;
}

describe.each(['murmur', 'cpu'] as const)('AdamW on %s', (backend) => {
  it.each([
    [1, 1e-8, 0.3],
    [4, 0.1, 0],
    [23, 0.1, 0.3],
    [64, 1e-8, 0.3],
  ])(
    'takes %i value(s) to where Algorithm 2 takes them, with an eps of %f and a decay of %f',
    async (count, eps, decay) => {
      await startBackend({ backend });
      const options = { betas: [0.9, 0.95], eps, weightDecay: decay } as const;
      const params = random(1, [count]);
      const grads = Array.from({ length: STEPS }, (_, i) => random(2 + i, [count]));
      const got = stepped(params, grads, options);
      for (let i = 0; i < count; i++) {
        const own = grads.map((values) => values[i] as number);
        const expected = published(params[i] as number, own, options);
        expected.forEach((value, k) =>
          expect(got[k]?.[i], `value ${i} of output ${k}`).toBeCloseTo(value, 5),
        );
      }
    },
  );
});
