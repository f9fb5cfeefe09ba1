/**
 * `points` [M, 2] moved, turned and, where that fits better, mirrored onto `reference` [M, 2]: the orthogonal Procrustes
 * problem in the plane, in closed form (Schönemann 1966). Nothing is scaled. The result is centred on zero, as is the
 * reference for the comparison. Throws when the numbers of points differ.
 */
export function alignTo(points: Float32Array, reference: Float32Array): Float32Array {
  if (points.length !== reference.length) {
    throw new Error(`alignTo: expected ${reference.length / 2} points, received ${points.length / 2}`);
  }
  const [x, y] = [centred(points), centred(reference)];
  const { xx, xy, yx, yy } = products(x, y);
  // What is reached by the best turn, and by the best turn after mirroring the second coordinate.
  const turned = Math.hypot(xx + yy, xy - yx);
  const mirrored = Math.hypot(xx - yy, xy + yx);
  const mirror = mirrored > turned ? -1 : 1;
  const angle = Math.atan2(xy - mirror * yx, xx + mirror * yy);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return x.map((_, i) => {
    const first = x[i - (i % 2)] as number;
    const second = mirror * (x[i - (i % 2) + 1] as number);
    return i % 2 === 0 ? cos * first - sin * second : sin * first + cos * second;
  });
}

/** A new layout around zero. */
export function centred(points: Float32Array): Float32Array {
  const count = points.length / 2;
  const mean = [0, 0];
  points.forEach((value, i) => (mean[i % 2] = (mean[i % 2] ?? 0) + value / count));
  return points.map((value, i) => value - (mean[i % 2] ?? 0));
}

/** Sums over the points of each coordinate of `a` with each of `b`. */
function products(a: Float32Array, b: Float32Array): Record<'xx' | 'xy' | 'yx' | 'yy', number> {
  let [xx, xy, yx, yy] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i += 2) {
    const [a0, a1, b0, b1] = [a[i], a[i + 1], b[i], b[i + 1]] as [number, number, number, number];
    xx += a0 * b0;
    xy += a0 * b1;
    yx += a1 * b0;
    yy += a1 * b1;
  }
  return { xx, xy, yx, yy };
}
