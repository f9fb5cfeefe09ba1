/** The colours that a classifier chooses among: squares of the ab plane in which sRGB has a colour (Zhang et al. 2016, §2.1). */
import { labOf, type Rgb } from './lab.ts';

export interface AbBins {
  /** Q */
  readonly count: number;
  /** `[Q, 2]`, a and b of the middle of each square. */
  readonly centres: Float32Array;
  /** The square that is nearest to a colour. */
  binOf(a: number, b: number): number;
}

/** Points along an edge of the RGB cube. */
const POINTS = 65;
/** sRGB's a and b lie within ± this. */
const REACH = 110;

/**
 * Calls `visit` for points all over the surface of the RGB cube. That is enough: going up or down in L alone, one leaves the cube
 * through its surface, so every a and b of its inside is found there.
 */
function eachSurfaceColour(visit: (colour: Rgb) => void): void {
  for (let axis = 0; axis < 3; axis++)
    for (const side of [0, 1])
      for (let point = 0; point < POINTS ** 2; point++) {
        const [u, v] = [(point % POINTS) / (POINTS - 1), Math.floor(point / POINTS) / (POINTS - 1)];
        visit([0, 1, 2].map((i) => (i === axis ? side : (i + 2) % 3 === axis ? u : v)) as Rgb);
      }
}

/** The middles of the squares `step` wide, as whole numbers of steps, that hold a colour; by a, then by b. */
function squaresInGamut(step: number): readonly (readonly [a: number, b: number])[] {
  const found = new Map<number, readonly [number, number]>();
  eachSurfaceColour((colour) => {
    const [, a, b] = labOf(colour).map((value) => Math.round(value / step)) as [number, number, number];
    found.set(1000 * a + b, [a, b]);
  });
  return [...found].sort(([one], [other]) => one - other).map(([, square]) => square);
}

function nearest(squares: readonly (readonly [number, number])[], a: number, b: number): number {
  let best = 0;
  let least = Infinity;
  squares.forEach(([x, y], q) => {
    const distance = (x - a) ** 2 + (y - b) ** 2;
    if (distance < least) [best, least] = [q, distance];
  });
  return best;
}

/** The squares of width `step`. A colour in none of them, as a mean of colours may be, has the one nearest to its own square. */
export function abBins(step: number): AbBins {
  const squares = squaresInGamut(step);
  const half = Math.ceil(REACH / step);
  const width = 2 * half + 1;
  const table = Int32Array.from({ length: width ** 2 }, (_, i) =>
    nearest(squares, Math.floor(i / width) - half, (i % width) - half),
  );
  const row = (value: number): number => half + Math.max(-half, Math.min(half, Math.round(value / step)));
  return {
    count: squares.length,
    centres: Float32Array.from(squares.flat(), (value) => value * step),
    binOf: (a, b) => table[row(a) * width + row(b)] as number,
  };
}
