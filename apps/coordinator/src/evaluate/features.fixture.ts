import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { fold, key, normal } from '@murmur/core/random/key';

/** Rows of `clusters` heaps in `width` dimensions, row i of heap i mod clusters; `drift` moves every row a little. */
export function heaps(rows: number, width: number, clusters: number, drift = 0): Matrix {
  const centres = Array.from({ length: clusters }, (_, c) => normal(fold(key(1), c), width));
  const values = normal(key(2), rows * width).map((noise, i) => {
    const centre = centres[Math.floor(i / width) % clusters]?.[i % width] ?? 0;
    return centre + 0.35 * noise;
  });
  const moved = normal(key(3), rows * width);
  return { values: values.map((value, i) => value + drift * (moved[i] ?? 0)), rows, width };
}

/** How far points lie apart from where they were, as a share of the size of the layout (root mean squares). */
export function moved(from: Float32Array, to: Float32Array): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(to.map((value, i) => value - (from[i] ?? 0))) / squares(from));
}
