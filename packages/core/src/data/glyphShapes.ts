/**
 * The ten shapes of the sample set as tests "is (x, y) inside?", in shape coordinates: x to the right, y down,
 * the shape within the unit circle. Only +, -, * and comparisons, so every machine agrees on every point.
 */
export type Inside = (x: number, y: number) => boolean;

type Point = readonly [number, number];

/** Even-odd rule: counts the edges of the closed polygon that a ray to the right of (x, y) crosses. */
function polygon(points: readonly Point[]): Inside {
  const corners = Float64Array.from(points.flat());
  return (x, y) => {
    let inside = false;
    let ax = corners[corners.length - 2]!;
    let ay = corners[corners.length - 1]!;
    for (let i = 0; i < corners.length; i += 2) {
      const bx = corners[i]!;
      const by = corners[i + 1]!;
      if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside;
      ax = bx;
      ay = by;
    }
    return inside;
  };
}

const disc =
  (radius: number, centreX = 0, centreY = 0): Inside =>
  (x, y) =>
    (x - centreX) * (x - centreX) + (y - centreY) * (y - centreY) <= radius * radius;

const without =
  (shape: Inside, hole: Inside): Inside =>
  (x, y) =>
    shape(x, y) && !hole(x, y);

const square: Inside = (x, y) => x * x <= 0.49 && y * y <= 0.49;

const cross: Inside = (x, y) => (x * x <= 0.0784 && y * y <= 0.9) || (y * y <= 0.0784 && x * x <= 0.9);

/** The corners of a regular five-pointed star, from the top clockwise; cos and sin of multiples of 36 degrees as constants. */
const star = polygon([
  [0, -1],
  [0.247, -0.34],
  [0.951, -0.309],
  [0.4, 0.13],
  [0.588, 0.809],
  [0, 0.42],
  [-0.588, 0.809],
  [-0.4, 0.13],
  [-0.951, -0.309],
  [-0.247, -0.34],
]);

/** The sextic heart (x² + y² − 1)³ ≤ x² y³, scaled into the unit circle. */
const heart: Inside = (x, y) => {
  const u = x * 1.25;
  const v = 0.1 - y * 1.25;
  const ring = u * u + v * v - 1;
  return ring * ring * ring <= u * u * v * v * v;
};

const arrow = polygon([
  [0.98, 0],
  [0.1, -0.78],
  [0.1, -0.3],
  [-0.92, -0.3],
  [-0.92, 0.3],
  [0.1, 0.3],
  [0.1, 0.78],
]);

const hourglass = polygon([
  [-0.6, -0.79],
  [0.6, -0.79],
  [0.12, 0],
  [0.6, 0.79],
  [-0.6, 0.79],
  [-0.12, 0],
]);

const triangle = polygon([
  [0, -0.98],
  [0.85, 0.5],
  [-0.85, 0.5],
]);

/** In label order. */
export const glyphShapes: readonly { readonly name: string; readonly inside: Inside }[] = [
  { name: 'disc', inside: disc(0.88) },
  { name: 'ring', inside: without(disc(0.92), disc(0.52)) },
  { name: 'square', inside: square },
  { name: 'triangle', inside: triangle },
  { name: 'cross', inside: cross },
  { name: 'star', inside: star },
  { name: 'heart', inside: heart },
  { name: 'crescent', inside: without(disc(0.95), disc(0.78, 0.5, 0)) },
  { name: 'arrow', inside: arrow },
  { name: 'hourglass', inside: hourglass },
];
