import { expect, it } from 'vitest';
import { mapPictures, mapRows } from './mapPictures.ts';

const labelled = (count: number, testCount: number, size: number) => ({
  pictures: Uint8Array.from({ length: count * size }, (_, i) => (i * 7) % 256),
  labels: new Uint16Array(count),
  testCount,
  classes: 2,
});

it('the points are the first test pictures, at most 500 of them, byte by byte', () => {
  const set = labelled(40, 10, 4 * 4 * 3);
  const { facts, bytes } = mapPictures(set, { side: 4, channels: 3 });
  expect(facts).toEqual({ hash: expect.stringMatching(/^[0-9a-f]{64}$/), count: 10, side: 4, channels: 3 });
  expect(bytes).toEqual(set.pictures.subarray(0, 10 * 48));
  expect(mapRows(labelled(4_000, 1_000, 1))).toMatchObject({ count: 500 });
});

it('large pictures are made small', () => {
  const set = { ...labelled(4, 2, 0), pictures: new Uint8Array(4 * 96 * 96).fill(200) };
  const { facts, bytes } = mapPictures(set, { side: 96, channels: 1 });
  expect(facts).toMatchObject({ count: 2, side: 32, channels: 1 });
  expect(bytes).toEqual(new Uint8Array(2 * 32 * 32).fill(200));
});
