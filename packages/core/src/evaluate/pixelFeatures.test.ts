import { expect, test } from 'vitest';
import { pixelFeatures } from './pixelFeatures.ts';

test('takes pictures of up to 32 a side pixel by pixel', () => {
  const pictures = Uint8Array.from({ length: 2 * 3 * 3 * 2 }, (_, i) => i);
  const got = pixelFeatures(pictures, { side: 3, channels: 2 });
  expect(got).toMatchObject({ rows: 2, width: 18 });
  expect(Array.from(got.values)).toEqual(Array.from(Float32Array.from(pictures, (v) => v / 255)));
});

test('averages squares of larger ones, channel by channel', () => {
  const side = 64;
  // Channel 0 is the cell's number, give or take 1 in each half of a square; channel 1 is 255.
  const pictures = Uint8Array.from({ length: side * side * 2 }, (_, i) => {
    const [x, y] = [Math.floor(i / 2) % side, Math.floor(i / 2 / side)];
    return i % 2 === 1 ? 255 : 10 + Math.floor(x / 2) + Math.floor(y / 2) + (x % 2 === 0 ? 1 : -1);
  });
  const got = pixelFeatures(pictures, { side, channels: 2 });
  expect(got.width).toBe(32 * 32 * 2);
  for (const [row, column] of [
    [0, 0],
    [5, 31],
    [31, 7],
  ] as const) {
    expect(got.values[(row * 32 + column) * 2]).toBeCloseTo((10 + row + column) / 255, 6);
    expect(got.values[(row * 32 + column) * 2 + 1]).toBe(1);
  }
});

test('averages what is left at the edge of a side that does not divide', () => {
  const got = pixelFeatures(new Uint8Array(33 * 33).fill(255), { side: 33, channels: 1 });
  expect(got.width).toBe(17 * 17);
  expect(new Set(got.values)).toEqual(new Set([1]));
});
