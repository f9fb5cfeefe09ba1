import { beforeAll, describe, expect, it } from 'vitest';
import { liveTensors, startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import {
  checkGoldenGradient,
  compareGradient,
  digestOf,
  goldenDirection,
  goldenLoss,
  goldenSchema,
  goldenWeights,
  measureGradient,
  type GoldenOutcome,
  type LossAndGradient,
} from './goldenGradient.ts';
import { goldenValues } from './goldenValues.ts';

/** The loss with the parameter `name` moved by `by` along its direction. */
function lossAt(name: string, by: number): number {
  return freeing(() => {
    const values = goldenWeights();
    const weights = goldenSchema.map((spec) => {
      const direction = goldenDirection(spec);
      const moved = (values.get(spec.name) as Float32Array).map((value, i) =>
        spec.name === name ? value + by * (direction[i] as number) : value,
      );
      return [spec.name, tensorOf(moved, spec.shape)] as const;
    });
    return valuesOf(goldenLoss(new Map(weights)))[0] as number;
  });
}

/** Central differences over two steps, extrapolated to none (Richardson). */
function slope(name: string): number {
  const difference = (by: number) => (lossAt(name, by) - lossAt(name, -by)) / (2 * by);
  return (4 * difference(0.04) - difference(0.08)) / 3;
}

describe('the golden gradient', () => {
  let measured: LossAndGradient;
  beforeAll(async () => {
    await startBackend({ backend: 'cpu' });
    measured = await measureGradient();
  });

  const changed = (change: (gradient: Float32Array, i: number) => Float32Array): LossAndGradient => ({
    ...measured,
    gradients: measured.gradients.map(change),
  });
  const reasonOf = (outcome: GoldenOutcome): string =>
    outcome.kind === 'differs' ? outcome.reason : 'agrees';

  it('is what the committed numbers say', () => {
    expect(goldenValues.gradient.length).toBe(goldenSchema.length);
    expect(Math.abs(measured.loss / goldenValues.loss - 1)).toBeLessThan(1e-6);
    goldenSchema.forEach((spec, i) => {
      const digest = digestOf(spec, measured.gradients[i] as Float32Array);
      digest.forEach((value, j) =>
        expect(Math.abs(value - (goldenValues.gradient[i]?.[j] ?? NaN)), spec.name).toBeLessThan(1e-5),
      );
    });
  });

  it('is the slope of the loss along every direction', () => {
    goldenSchema.forEach(({ name }, i) => {
      const [length, along] = goldenValues.gradient[i] ?? [NaN, NaN];
      expect(Math.abs(slope(name) - along), name).toBeLessThan(2e-3 * Math.max(0.05, length));
    });
  });

  it.each(['murmur', 'cpu'] as const)('is computed by %s, which keeps nothing', async (backend) => {
    await startBackend({ backend });
    const before = liveTensors();
    expect(await checkGoldenGradient()).toEqual({ kind: 'agrees' });
    expect(liveTensors()).toBe(before);
  });

  it('is not zero', () => {
    const zeros = changed((gradient) => new Float32Array(gradient.length));
    expect(reasonOf(compareGradient(zeros))).toBe('gradient differs: it is zero everywhere');
  });

  it.each(goldenSchema.map(({ name }, i) => [name, i] as const))(
    'is refused with a part that is not a number, flipped, zero or in another order: %s',
    (name, at) => {
      const only = (part: (gradient: Float32Array) => Float32Array) =>
        reasonOf(compareGradient(changed((gradient, i) => (i === at ? part(gradient) : gradient))));
      const broken = only((gradient) => gradient.map((g, i) => (i === 0 ? NaN : g)));
      expect(broken).toBe(`gradient differs: ${name} is not a finite number`);
      if (name.endsWith('key.bias')) return; // zero in theory
      for (const part of [
        (gradient: Float32Array) => gradient.map((g) => -g),
        (gradient: Float32Array) => new Float32Array(gradient.length),
        (gradient: Float32Array) => gradient.slice().reverse(),
        (gradient: Float32Array) => gradient.map((g) => 1.01 * g),
      ])
        expect(only(part)).toMatch(`gradient differs: by ${name} it has length `);
    },
  );

  it('is refused with another loss', () => {
    expect(reasonOf(compareGradient({ ...measured, loss: 1 }))).toBe(
      'gradient differs: its loss is 1, expected 2.5181',
    );
    expect(reasonOf(compareGradient({ ...measured, loss: NaN }))).toContain(
      'the loss is not a finite number',
    );
  });

  it('agrees within the rounding of float32, not of 16-bit floats', () => {
    const wobbled = (by: number) =>
      changed((gradient) => gradient.map((g, i) => g * (1 + (i % 2 ? by : -by))));
    expect(compareGradient(wobbled(2e-5)).kind).toBe('agrees');
    expect(compareGradient(wobbled(1e-2)).kind).toBe('differs');
  });
});
