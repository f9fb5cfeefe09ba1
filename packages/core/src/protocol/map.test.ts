import { describe, expect, test } from 'vitest';
import { fold, key, normal } from '../random/key.ts';
import { decodeMap, encodeMap, MAP_POINTS } from './map.ts';

const layouts = (points: number) => ({
  pca: normal(fold(key(1), points), 2 * points),
  umap: normal(fold(key(2), points), 2 * points).map((value) => 12 * value),
});

describe('a map as bytes', () => {
  test('comes back with its round, every coordinate within half a step of a 65,535th of the width', () => {
    const { pca, umap } = layouts(MAP_POINTS);
    const read = decodeMap(encodeMap({ round: 40, pca, umap }));
    expect(read?.round).toBe(40);
    for (const [given, back] of [
      [pca, read!.pca],
      [umap, read!.umap],
    ] as const) {
      const reach = Math.max(...given.map(Math.abs));
      given.forEach((value, i) => expect(Math.abs(value - back[i]!)).toBeLessThan(1.01 * (reach / 65_534)));
    }
  });

  test('takes four kilobytes for the most points', () => {
    expect(encodeMap({ round: 0, ...layouts(MAP_POINTS) }).byteLength).toBe(20 + 8 * MAP_POINTS);
  });

  test('of points that all lie on one spot keeps them there', () => {
    const zeros = new Float32Array(8);
    const read = decodeMap(encodeMap({ round: 0, pca: zeros, umap: zeros }));
    expect(read).toEqual({ round: 0, pca: zeros, umap: zeros });
  });

  test('refuses layouts that do not belong together', () => {
    expect(() => encodeMap({ round: 1, ...layouts(3), pca: new Float32Array(4) })).toThrow(
      'received 2 and 3',
    );
    expect(() => encodeMap({ round: 1, ...layouts(MAP_POINTS + 1) })).toThrow('at most 500');
  });

  const good = encodeMap({ round: 7, ...layouts(5) });
  const changed = (at: number, value: number) => {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };
  test.each([
    ['nothing', new Uint8Array()],
    ['a cut', good.subarray(0, -1)],
    ['more than it says', Uint8Array.of(...good, 0)],
    ['another kind of file', changed(0, 1)],
    ['more points than there may be', changed(8, 0xffffffff)],
    ['a reach that is no number', changed(12, 0x7fc00000)],
  ])('reads %s as no map', (_, bytes) => {
    expect(decodeMap(bytes)).toBeUndefined();
  });

  test('is read from the middle of a larger buffer', () => {
    const buffer = new Uint8Array(good.length + 3);
    buffer.set(good, 3);
    expect(decodeMap(buffer.subarray(3))).toEqual(decodeMap(good));
  });
});
