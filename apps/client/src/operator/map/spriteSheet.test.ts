import { describe, expect, it } from 'vitest';
import { spriteAt, spriteSheet } from './spriteSheet.ts';

const facts = (count: number, side: number, channels: 1 | 3) => ({
  hash: 'a'.repeat(64),
  count,
  side,
  channels,
});

describe('the sheet of pictures', () => {
  it('lays pictures out row by row, as square as it gets', () => {
    const grey = spriteSheet(
      Uint8Array.of(...[1, 2, 3, 4], ...[5, 6, 7, 8], ...[9, 10, 11, 12]),
      facts(3, 2, 1),
    )!;
    expect([grey.columns, grey.width, grey.height]).toEqual([2, 4, 4]);
    const red = Array.from({ length: 16 }, (_, i) => [grey.rgba[4 * i], grey.rgba[4 * i + 3]]);
    const seen = (value: number) => [value, 255];
    const nothing = [0, 0];
    expect(red).toEqual([
      ...[seen(1), seen(2), seen(5), seen(6)],
      ...[seen(3), seen(4), seen(7), seen(8)],
      ...[seen(9), seen(10), nothing, nothing],
      ...[seen(11), seen(12), nothing, nothing],
    ]);
    expect([0, 1, 2].map((picture) => spriteAt(grey, picture))).toEqual([
      [0, 0],
      [2, 0],
      [0, 2],
    ]);
  });

  it('keeps colours, and spreads grey over all three', () => {
    expect([...spriteSheet(Uint8Array.of(1, 2, 3), facts(1, 1, 3))!.rgba]).toEqual([1, 2, 3, 255]);
    expect([...spriteSheet(Uint8Array.of(9), facts(1, 1, 1))!.rgba]).toEqual([9, 9, 9, 255]);
  });

  it('is not made of bytes that do not fit', () => {
    expect(spriteSheet(new Uint8Array(11), facts(1, 2, 3))).toBeUndefined();
  });
});
