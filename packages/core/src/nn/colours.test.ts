import { describe, expect, it } from 'vitest';
import { key, normal, uint32Stream } from '../random/key.ts';
import { abBins } from './abBins.ts';
import { annealedMean } from './annealedMean.ts';
import { rebalancingWeights } from './classRebalancing.ts';
import { labOf } from './lab.ts';

/** The middles of all squares in which some of a lattice of colours, inside of the cube included, lie. */
function squaresOfAll(step: number, points: number): Set<string> {
  const found = new Set<string>();
  for (let i = 0; i < points ** 3; i++) {
    const at = (power: number) => (Math.floor(i / points ** power) % points) / (points - 1);
    const [, a, b] = labOf([at(0), at(1), at(2)]);
    found.add(`${step * Math.round(a / step) + 0} ${step * Math.round(b / step) + 0}`);
  }
  return found;
}

describe.each([10, 20])('squares of the ab plane, %i wide', (step) => {
  const bins = abBins(step);
  const middles = Array.from({ length: bins.count }, (_, q) => [...bins.centres.slice(2 * q, 2 * q + 2)]);

  it('are those of all colours, though only the surface of the cube was looked at', () => {
    const known = new Set(middles.map(([a, b]) => `${a} ${b}`));
    expect(known.size).toBe(bins.count);
    for (const square of squaresOfAll(step, 33)) expect(known).toContain(square);
  });

  it('take each colour in the square around it, and others in the nearest', () => {
    middles.forEach(([a = NaN, b = NaN], q) => expect(bins.binOf(a + 0.4 * step, b - 0.4 * step)).toBe(q));
    const far = [-500, -3 * step, 0, 2 * step, 500].flatMap((a) =>
      [-500, 0, 500].map((b) => [a, b] as const),
    );
    for (const [a, b] of far) {
      const reach = step * Math.ceil(110 / step);
      const [row, column] = [a, b].map((v) => Math.max(-reach, Math.min(reach, v)));
      const distances = middles.map(([x = NaN, y = NaN]) => Math.hypot(x - row!, y - column!));
      expect(distances[bins.binOf(a, b)]).toBeCloseTo(Math.min(...distances), 9);
    }
  });
});

describe('rebalancing', () => {
  /** Equation 4 as it is written, over a table of shares. */
  function published(targets: readonly number[], classes: number): number[] {
    const p = Array.from(
      { length: classes },
      (_, q) => targets.filter((t) => t === q).length / targets.length,
    );
    const w = p.map((share) => 1 / (0.5 * share + 0.5 / classes));
    const expectation = w.reduce((sum, weight, q) => sum + weight * p[q]!, 0);
    return targets.map((t) => w[t]! / expectation);
  }

  it('is that of equation 4, and 1 in the mean over the batch', () => {
    const next = uint32Stream(key(8));
    const targets = Array.from({ length: 200 }, () => Math.floor((next() / 2 ** 32) ** 3 * 9));
    const weights = rebalancingWeights(Int32Array.from(targets), 12);
    published(targets, 12).forEach((weight, i) => expect(weights[i]).toBeCloseTo(weight, 5));
    expect(weights.reduce((a, b) => a + b, 0) / 200).toBeCloseTo(1, 5);
  });

  it('leaves equal shares alone and gives the rare one more, within bounds', () => {
    expect([...rebalancingWeights(Int32Array.of(0, 1, 2, 3), 4)]).toEqual([1, 1, 1, 1]);
    const [common = NaN, rare = NaN] = [0, 99].map(
      (i) =>
        rebalancingWeights(
          Int32Array.from({ length: 100 }, (_, row) => (row === 99 ? 1 : 0)),
          2,
        )[i],
    );
    expect(rare / common).toBeCloseTo((0.5 * 0.99 + 0.25) / (0.5 * 0.01 + 0.25), 4);
  });
});

it('the annealed mean is softmax at the temperature 0.38, from the mean towards the mode', () => {
  const centres = Float32Array.of(0, 0, 10, 0, 0, -20);
  const scores = normal(key(2), 6);
  const means = annealedMean(scores, centres);
  for (const row of [0, 1]) {
    const powers = [0, 1, 2].map((q) => Math.exp(scores[3 * row + q]! / 0.38));
    const sum = powers.reduce((a, b) => a + b);
    expect(means[2 * row]).toBeCloseTo((10 * powers[1]!) / sum, 4);
    expect(means[2 * row + 1]).toBeCloseTo((-20 * powers[2]!) / sum, 4);
  }
  expect([...annealedMean(Float32Array.of(0, 1000, -1000), centres)]).toEqual([10, 0]);
});
