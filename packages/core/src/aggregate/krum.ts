import { meanOf, type Row } from './row.ts';

/** How many bad rows Krum is made to withstand among `n`: it needs `n ≥ 2f + 3` (Blanchard et al. 2017, proposition 1). */
export const krumTolerates = (n: number): number => Math.max(0, Math.floor((n - 3) / 2));

/**
 * Multi-Krum (Blanchard et al. 2017, §4): each row is scored by the sum of its squared distances to its nearest
 * `n − f − 2`, and the best `m = n − f − 2` are averaged, the most for which its resilience is proved (Damaskinos et
 * al. 2019). Of equal scores the earlier row is taken. Of fewer than three rows none can be told to be bad: all count.
 */
export function krum(rows: readonly Row[]): Float32Array {
  return meanOf(chosenByKrum(rows).map((i) => rows[i] as Row));
}

/** The indices that Multi-Krum averages, ascending. */
export function chosenByKrum(rows: readonly Row[]): number[] {
  const all = rows.map((_, i) => i);
  if (rows.length < 3) return all;
  const chosen = rows.length - krumTolerates(rows.length) - 2;
  const distances = squaredDistances(rows);
  const scores = all.map((i) =>
    all
      .flatMap((k) => (k === i ? [] : [distances[i * rows.length + k] as number]))
      .sort((a, b) => a - b)
      .slice(0, chosen)
      .reduce((sum, distance) => sum + distance, 0),
  );
  const ranked = all.sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  return ranked.slice(0, chosen).sort((a, b) => a - b);
}

/** Of each pair, `[n, n]`, symmetric. */
function squaredDistances(rows: readonly Row[]): Float64Array {
  const n = rows.length;
  const all = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = i + 1; k < n; k++) {
      all[i * n + k] = squaredDistance(rows[i] as Row, rows[k] as Row);
      all[k * n + i] = all[i * n + k] as number;
    }
  }
  return all;
}

function squaredDistance(a: Row, b: Row): number {
  let squares = 0;
  for (let j = 0; j < a.values.length; j++) {
    const difference = a.scale * (a.values[j] as number) - b.scale * (b.values[j] as number);
    squares += difference * difference;
  }
  return squares;
}
