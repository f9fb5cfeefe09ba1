/** Adding and taking away 1.5 × 2^52 rounds a double to the nearest integer, ties to even. */
export const ROUND = 1.5 * 2 ** 52;

/** The largest magnitude of `values[start, end)`: what the scale of a block follows from. */
export function absoluteMaximum(values: Float32Array, start: number, end: number): number {
  let most = 0;
  for (let i = start; i < end; i++) {
    const size = Math.abs(values[i] as number);
    if (size > most) most = size;
  }
  return most;
}
