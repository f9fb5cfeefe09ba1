import { expect } from 'vitest';
import { key, uint32Stream, uniform } from '../../random/key.ts';
import { startBackend, type BackendName } from '../backend.ts';
import { freeing, tensorOf, type Tensor } from '../ops.ts';

export interface Named {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Random values in −1 … 1. */
export const random = (seed: number, shape: readonly number[]): Float32Array =>
  uniform(
    key(seed),
    shape.reduce((a, b) => a * b, 1),
  ).map((value) => 2 * value - 1);

/** Whole numbers from 0 to `below`. */
export function sizes(seed: number, count: number, below: number): number[] {
  const next = uint32Stream(key(seed));
  return Array.from({ length: count }, () => next() % below);
}

/** What `work` makes of random inputs on one backend. */
export async function outcome(
  backend: BackendName,
  shapes: readonly (readonly number[])[],
  work: (inputs: Tensor[]) => readonly Tensor[],
): Promise<Named[]> {
  await startBackend({ backend });
  return freeing(() =>
    work(shapes.map((shape, i) => tensorOf(random(i + 1, shape), shape))).map((t) => ({
      shape: t.shape,
      values: [...t.dataSync()],
    })),
  );
}

/** That murmur and cpu agree within `tolerance` of the largest value. */
export async function expectSame(
  shapes: readonly (readonly number[])[],
  work: (inputs: Tensor[]) => readonly Tensor[],
  tolerance = 3e-6,
): Promise<void> {
  const ours = await outcome('murmur', shapes, work);
  const theirs = await outcome('cpu', shapes, work);
  const label = JSON.stringify(shapes);
  expect(
    ours.map(({ shape }) => shape),
    label,
  ).toEqual(theirs.map(({ shape }) => shape));
  theirs.forEach(({ values }, i) => {
    const limit = tolerance * values.reduce((max, value) => Math.max(max, Math.abs(value)), 1);
    const worst = values.reduce((max, value, j) => {
      const error = Math.abs(value - (ours[i]?.values[j] ?? NaN));
      return Number.isNaN(error) ? Infinity : Math.max(max, error);
    }, 0);
    expect(worst, `${label} output ${i}`).toBeLessThanOrEqual(limit);
  });
}
