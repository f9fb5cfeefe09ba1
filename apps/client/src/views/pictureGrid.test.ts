import { describe, expect, it } from 'vitest';
import { fitGrid, mosaic } from './pictureGrid.ts';

describe('mosaic', () => {
  it('puts colour pictures side by side with a transparent gap', () => {
    const red = [255, 0, 0];
    const blue = [0, 0, 255];
    const grid = mosaic(Uint8Array.from([...red, ...blue]), { columns: 2, side: 1, channels: 3, gap: 1 });
    expect([grid.width, grid.height]).toEqual([3, 1]);
    expect([...grid.rgba]).toEqual([255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 255]);
  });

  it('spreads one grey channel over three', () => {
    const grid = mosaic(Uint8Array.from([10, 20, 30, 40]), { columns: 1, side: 2, channels: 1, gap: 1 });
    expect([...grid.rgba]).toEqual([10, 10, 10, 255, 20, 20, 20, 255, 30, 30, 30, 255, 40, 40, 40, 255]);
  });

  it('shows the first pictures when there are more than columns', () => {
    const grid = mosaic(Uint8Array.from([1, 2, 3]), { columns: 2, side: 1, channels: 1, gap: 0 });
    expect([...grid.rgba]).toEqual([1, 1, 1, 255, 2, 2, 2, 255]);
  });
});

describe('fitGrid', () => {
  const pictures = { count: 8, side: 32, gap: 2, pixelRatio: 1 };

  it('gives every picture pixel a whole number of device pixels', () => {
    expect(fitGrid(560, pictures)).toEqual({ columns: 8, cssWidth: 2 * 270 });
    expect(fitGrid(560, { ...pictures, pixelRatio: 1.5 })).toEqual({ columns: 8, cssWidth: (3 * 270) / 1.5 });
  });

  it('shows fewer pictures on a narrow screen rather than tiny ones', () => {
    expect(fitGrid(346, pictures)).toEqual({ columns: 5, cssWidth: 2 * 168 });
    expect(fitGrid(290, { ...pictures, pixelRatio: 3 })).toEqual({ columns: 3, cssWidth: (7 * 100) / 3 });
  });

  it('neither grows a few pictures nor shows none', () => {
    expect(fitGrid(900, { ...pictures, count: 2 })).toEqual({ columns: 2, cssWidth: 2 * 66 });
    expect(fitGrid(20, pictures).columns).toBe(1);
    expect(fitGrid(500, { ...pictures, side: 512 })).toEqual({ columns: 1, cssWidth: 512 });
  });
});
