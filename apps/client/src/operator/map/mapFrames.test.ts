import { describe, expect, it } from 'vitest';
import { frameOf, mapViewOf, pointAt, positionsAt, type LoadedMap } from './mapFrames.ts';

/** A slanting line of points, half as high as wide, away from zero. */
const layout = Float32Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? i - 120 : (i + 90) / 2));
const frame = (round: number, ...umap: number[]) =>
  ({
    round,
    version: String(round),
    pca: new Float32Array(umap.length),
    umap: Float32Array.from(umap),
  }) as const;

describe('a frame', () => {
  const { pca, umap } = frameOf('v', { round: 1, pca: layout, umap: layout });
  const span = (points: Float32Array, axis: number) => {
    const values = points.filter((_, i) => i % 2 === axis);
    return [Math.min(...values), Math.max(...values)];
  };

  it('fills −1 … 1, by PCA in its shape and by UMAP in both directions', () => {
    expect(span(pca, 0)).toEqual([-1, 1]);
    span(pca, 1).forEach((end, i) => expect(Math.abs(end - [-0.5, 0.5][i]!)).toBeLessThan(0.02));
    expect([span(umap, 0), span(umap, 1)]).toEqual([
      [-1, 1],
      [-1, 1],
    ]);
  });

  it('is the same whatever the size of the layout and wherever it lies', () => {
    const moved = layout.map((value, i) => 50 * value + (i % 2 === 0 ? 900 : -70));
    const other = frameOf('v', { round: 1, pca: moved, umap: moved });
    other.pca.forEach((value, i) => expect(value).toBeCloseTo(pca[i]!, 5));
  });

  it('stretches a flat layout no more than twice', () => {
    const flat = layout.map((value, i) => (i % 2 === 0 ? value : value / 10));
    const [low, high] = span(frameOf('v', { round: 1, pca: flat, umap: flat }).umap, 1);
    expect([low, high].map((end) => Math.round(end! * 100) / 100)).toEqual([-0.1, 0.1]);
  });

  it('holds strays at its edge', () => {
    const stray = layout.slice();
    stray[0] = -5_000;
    const fitted = frameOf('v', { round: 1, pca: stray, umap: stray }).pca;
    expect(fitted[0]).toBe(-1);
    expect(fitted[300]).toBeCloseTo(pca[300]!, 1);
  });

  it('of points on one spot is no noise blown up', () => {
    const spot = new Float32Array(8).fill(1e-12);
    expect(Math.max(...frameOf('v', { round: 1, pca: spot, umap: spot }).pca)).toBeLessThan(1e-5);
  });
});

describe('positions', () => {
  const frames = [frame(0, 0, 0), frame(10, 1, -1), frame(20, 0.5, 1)];

  it('are those of a version, and between two versions in between', () => {
    const at = (time: number) => [...positionsAt(frames, 'umap', time)];
    expect([at(0), at(1), at(2)]).toEqual(frames.map(({ umap }) => [...umap]));
    expect(at(0.25)).toEqual([0.25, -0.25]);
    expect(at(1.5)).toEqual([0.75, 0]);
  });

  it('end with the versions', () => {
    expect([...positionsAt(frames, 'umap', 7)]).toEqual([0.5, 1]);
    expect([...positionsAt(frames, 'umap', -1)]).toEqual([0, 0]);
  });
});

describe('the point under the pointer', () => {
  const positions = Float32Array.of(10, 10, 14, 10, 100, 100);
  const sizes = { reach: 5, slack: 10 };

  it('is the topmost picture that covers it', () => {
    expect(pointAt(positions, { x: 12, y: 12 }, sizes)).toBe(1);
    expect(pointAt(positions, { x: 6, y: 10 }, sizes)).toBe(0);
  });

  it('is the nearest where none does, and none far from all', () => {
    expect(pointAt(positions, { x: 3, y: 10 }, sizes)).toBe(0);
    expect(pointAt(positions, { x: 90, y: 92 }, sizes)).toBe(2);
    expect(pointAt(positions, { x: 60, y: 60 }, sizes)).toBeUndefined();
  });
});

describe('what the panel shows', () => {
  const pictures = { hash: 'a'.repeat(64), count: 1, side: 1, channels: 1 } as const;
  const index = { pictures, versions: [{ round: 0, version: 'b'.repeat(64) }] };
  const sprites = { count: 1, side: 1, columns: 1, width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
  const map: LoadedMap = { sprites, frames: [frame(0, 0, 0)] };

  it('is a sentence while there is nothing, and why there never will be', () => {
    expect(mapViewOf(null)).toMatchObject({ kind: 'absent', sentence: expect.stringContaining('no scores') });
    expect(mapViewOf({ pictures, versions: [] })).toMatchObject({
      kind: 'absent',
      sentence: expect.stringContaining('first scored version'),
    });
    expect(mapViewOf(index)).toMatchObject({ kind: 'absent', sentence: 'Fetching the map …' });
  });

  it('is a failure while there is no map, and a trouble beside one that there is', () => {
    expect(mapViewOf(index, { map: undefined, problem: 'It broke.' })).toEqual({
      kind: 'failed',
      sentence: 'It broke.',
    });
    expect(mapViewOf(index, { map, problem: 'It broke.' })).toEqual({
      kind: 'shown',
      map,
      trouble: 'It broke.',
    });
    expect(mapViewOf(index, { map, problem: undefined })).toEqual({ kind: 'shown', map, trouble: undefined });
  });
});
