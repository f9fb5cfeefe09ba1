import { key } from '@murmur/core/random/key';
import { describe, expect, it } from 'vitest';
import { drawMap } from './drawMap.ts';
import { heaps, moved } from './features.fixture.ts';

const before = heaps(150, 24, 5);
const after = heaps(150, 24, 5, 0.15);
const first = drawMap(before, undefined, key(1));

describe('a map', () => {
  it('is the same for the same features and key', () => {
    expect(drawMap(before, undefined, key(1))).toEqual(first);
    expect(drawMap(after, first, key(1))).toEqual(drawMap(after, first, key(1)));
  });

  it('moves its points less when it begins from the map before than when it begins anew', () => {
    const warm = drawMap(after, first, key(1));
    const cold = drawMap(after, undefined, key(1));
    expect(moved(first.umap, warm.umap)).toBeLessThan(0.5 * moved(first.umap, cold.umap));
    expect(moved(first.umap, warm.umap)).toBeLessThan(0.25);
  });

  it('does not turn over where the features do', () => {
    // The same distances, but the two widest directions change places and sign.
    const turned = {
      ...before,
      values: before.values.map((_, i) => -(before.values[i - (i % 24) + (23 - (i % 24))] ?? 0)),
    };
    const map = drawMap(turned, first, key(1));
    expect(moved(first.pca, map.pca)).toBeLessThan(1e-3);
    expect(moved(first.umap, map.umap)).toBeLessThan(0.25);
  });
});
