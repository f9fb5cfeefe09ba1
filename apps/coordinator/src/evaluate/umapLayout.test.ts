import { principalComponents, project } from '@murmur/core/evaluate/pca';
import { unitRows } from '@murmur/core/evaluate/unitRows';
import { key } from '@murmur/core/random/key';
import { describe, expect, it } from 'vitest';
import { heaps } from './features.fixture.ts';
import { umapLayout } from './umapLayout.ts';

const rows = unitRows(heaps(120, 24, 4));
const positions = project(rows, principalComponents(rows, 2)).map((value) => 8 * value);
const start = { positions, epochs: 100, learningRate: 1 };

/** The share of points whose nearest point in the layout is of the same heap. */
function nearestAlike(layout: Float32Array, clusters: number): number {
  const count = layout.length / 2;
  const distance = (i: number, j: number) =>
    Math.hypot(layout[2 * i]! - layout[2 * j]!, layout[2 * i + 1]! - layout[2 * j + 1]!);
  let hits = 0;
  for (let i = 0; i < count; i++) {
    const others = Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
    const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
    hits += nearest % clusters === i % clusters ? 1 : 0;
  }
  return hits / count;
}

describe('UMAP', () => {
  it('puts points of one heap side by side, around zero', () => {
    const layout = umapLayout(rows, start, key(1));
    expect(nearestAlike(layout, 4)).toBeGreaterThan(0.95);
    const sum = (axis: number) => layout.reduce((all, value, i) => all + (i % 2 === axis ? value : 0), 0);
    expect(Math.abs(sum(0)) + Math.abs(sum(1))).toBeLessThan(1e-2);
  });

  it('is the same for the same key, and another for another', () => {
    expect(umapLayout(rows, start, key(1))).toEqual(umapLayout(rows, start, key(1)));
    expect(umapLayout(rows, start, key(2))).not.toEqual(umapLayout(rows, start, key(1)));
  });

  it('begins where it is told to', () => {
    const still = umapLayout(rows, { ...start, epochs: 1, learningRate: 0 }, key(1));
    still.forEach((value, i) => expect(value).toBeCloseTo(positions[i]!, 3));
  });

  it('leaves very few points where they are, and copes with points that are all alike', () => {
    const few = { values: rows.values.slice(0, 3 * rows.width), rows: 3, width: rows.width };
    const at = Float32Array.of(-1, 0, 0, 1, 1, -1);
    expect(umapLayout(few, { ...start, positions: at }, key(1))).toEqual(at);
    const alike = { values: new Float32Array(40).fill(0.5), rows: 20, width: 2 };
    const layout = umapLayout(alike, { ...start, positions: new Float32Array(40) }, key(1));
    expect(layout.every(Number.isFinite)).toBe(true);
  });
});
