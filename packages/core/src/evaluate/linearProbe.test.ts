import { describe, expect, test } from 'vitest';
import { fold, integer, key, normal } from '../random/key.ts';
import { predictLinear, probeObjective, trainLinearProbe } from './linearProbe.ts';
import type { Matrix } from './rowProducts.ts';

const CLASSES = 3;
const WIDTH = 6;

/** Three clouds; every other column repeats its neighbour almost, as features of an encoder do. */
function clouds(seed: number, rows: number): { features: Matrix; labels: Uint16Array } {
  const labels = Uint16Array.from({ length: rows }, (_, i) => integer(fold(key(seed), i), CLASSES));
  const noise = normal(key(seed + 1), rows * WIDTH);
  const values = noise.map((z, at) => {
    const column = at % WIDTH;
    const neighbour = noise[at - (column % 2)] ?? 0;
    const centre = column === 2 * (labels[Math.floor(at / WIDTH)] ?? 0) ? 1.5 : 0;
    return centre + (column % 2 === 1 ? neighbour + 0.01 * z : z);
  });
  return { features: { values, rows, width: WIDTH }, labels };
}

describe('linear probe', () => {
  test('the gradient is the slope of the objective', () => {
    const { features, labels } = clouds(1, 50);
    const objective = probeObjective(features, labels, { classes: CLASSES, l2: 0.1 });
    const point = Float64Array.from(normal(key(9), CLASSES * (WIDTH + 1)));
    const gradient = new Float64Array(point.length);
    objective(point, gradient);
    const scratch = new Float64Array(point.length);
    const h = 1e-5;
    gradient.forEach((slope, i) => {
      const at = (shift: number) =>
        objective(
          point.map((x, j) => (i === j ? x + shift : x)),
          scratch,
        );
      expect(slope).toBeCloseTo((at(h) - at(-h)) / (2 * h), 8);
    });
  });

  test('the objective is the mean cross-entropy and the weight penalty, the bias free', () => {
    const { features, labels } = clouds(1, 40);
    const objective = probeObjective(features, labels, { classes: CLASSES, l2: 0.3 });
    const point = Float64Array.from(normal(key(5), CLASSES * (WIDTH + 1)));
    let expected = 0;
    labels.forEach((label, row) => {
      const logits = Array.from({ length: CLASSES }, (_, c) => {
        const ofClass = Array.from({ length: WIDTH }, (_, d) => d);
        return ofClass.reduce(
          (sum, d) => sum + (features.values[row * WIDTH + d] ?? NaN) * (point[c * WIDTH + d] ?? NaN),
          point[CLASSES * WIDTH + c] ?? NaN,
        );
      });
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit), 0);
      expected -= Math.log(Math.exp(logits[label] ?? NaN) / total) / 40;
    });
    const weights = Array.from(point.subarray(0, CLASSES * WIDTH));
    expected += 0.15 * weights.reduce((sum, w) => sum + w * w, 0);
    expect(objective(point, new Float64Array(point.length))).toBeCloseTo(expected, 10);
  });

  test('converges on features that repeat each other, to a stationary point, and predicts', () => {
    const { features, labels } = clouds(3, 400);
    const options = { classes: CLASSES, l2: 1e-3, tolerance: 1e-8, maxIterations: 300 };
    const probe = trainLinearProbe(features, labels, options);
    expect(probe.converged).toBe(true);
    const gradient = new Float64Array(CLASSES * (WIDTH + 1));
    const point = Float64Array.from([...probe.weight, ...probe.bias]);
    expect(probeObjective(features, labels, options)(point, gradient)).toBeCloseTo(probe.objective, 10);
    gradient.forEach((slope) => expect(Math.abs(slope)).toBeLessThan(1e-7));
    expect(probe.bias.reduce((a, b) => a + b, 0)).toBeCloseTo(0, 10);
    const fresh = clouds(7, 300);
    const hits = predictLinear(probe, fresh.features).filter((c, i) => c === fresh.labels[i]).length;
    expect(hits / 300).toBeGreaterThan(0.6);
  });

  test('is bounded without a penalty on separable rows, and says that it did not converge', () => {
    const features = { values: Float32Array.of(1, 1, -1, -1), rows: 2, width: 2 };
    const probe = trainLinearProbe(features, Uint16Array.of(0, 1), {
      classes: 2,
      l2: 0,
      tolerance: 1e-12,
      maxIterations: 5,
    });
    expect(probe.converged).toBe(false);
    expect(probe.iterations).toBeLessThanOrEqual(5);
    expect(Array.from(predictLinear(probe, features))).toEqual([0, 1]);
  });

  test('names a label that is no class', () => {
    const features = { values: new Float32Array(2), rows: 1, width: 2 };
    expect(() => trainLinearProbe(features, Uint16Array.of(2), { classes: 2, l2: 1 })).toThrow(
      'expected a label below 2',
    );
  });
});
