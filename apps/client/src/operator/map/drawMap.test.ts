import { describe, expect, it } from 'vitest';
import { drawMap, mapSizes, toSquare } from './drawMap.ts';
import { spriteSheet } from './spriteSheet.ts';

const colours = { frame: 'pale', raised: 'bright' };

/** What a canvas was asked to draw: [source x, source y, left, top, side]. */
function drawn(positions: Float32Array, raised: number | undefined, square = 300): number[][] {
  const facts = { hash: 'a'.repeat(64), count: positions.length / 2, side: 4, channels: 1 } as const;
  const sprites = spriteSheet(new Uint8Array(16 * facts.count), facts)!;
  const calls: number[][] = [];
  const context = {
    clearRect: () => undefined,
    fillRect: () => undefined,
    drawImage: (_: unknown, sx: number, sy: number, ...rest: number[]) =>
      void calls.push([sx, sy, rest[2]!, rest[3]!, rest[4]!]),
  };
  const scene = { sheet: {} as CanvasImageSource, sprites, positions, raised };
  drawMap(context as unknown as CanvasRenderingContext2D, scene, mapSizes(square, facts.count), colours);
  return calls;
}

describe('the drawn map', () => {
  it('puts each picture around its place, y upwards, wholly within the square', () => {
    const positions = Float32Array.of(-1, -1, 1, 1, 0, 0);
    const calls = drawn(positions, undefined);
    const side = mapSizes(300, 3).thumb;
    expect(calls.map(([sx, sy]) => [sx, sy])).toEqual([
      [0, 0],
      [4, 0],
      [0, 4],
    ]);
    expect(calls.map(([, , left, top]) => [left, top])).toEqual([
      [2, 300 - side - 2],
      [300 - side - 2, 2],
      [150 - side / 2, 150 - side / 2],
    ]);
  });

  it('draws the raised picture again, last and large, inside the square even at its edge', () => {
    const calls = drawn(Float32Array.of(-1, 1, 0, 0), 0);
    expect(calls.length).toBe(3);
    expect(calls[2]).toEqual([0, 0, 3, 3, 100]);
  });

  it('makes five hundred pictures small enough for a phone and few no larger than they are', () => {
    expect(mapSizes(350, 500).thumb).toBe(12);
    expect(mapSizes(620, 500).thumb).toBe(22);
    expect(mapSizes(620, 10).thumb).toBe(28);
    const places = toSquare(Float32Array.of(1, -1), mapSizes(350, 500));
    expect([...places]).toEqual([342, 342]);
  });
});
