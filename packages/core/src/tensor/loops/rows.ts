/** `to[s] = from[index[s]]` for rows of `width` values. */
export function gatherRowsLoop(from: Float32Array, to: Float32Array, index: Int32Array, width: number): void {
  for (let s = 0; s < index.length; s++) {
    const start = (index[s] as number) * width;
    to.set(from.subarray(start, start + width), s * width);
  }
}

/** The gradient of `gatherRowsLoop`: `to[index[s]] += from[s]`, from zero. */
export function scatterRowsLoop(
  from: Float32Array,
  to: Float32Array,
  index: Int32Array,
  width: number,
): void {
  to.fill(0);
  for (let s = 0; s < index.length; s++) {
    const source = s * width;
    const target = (index[s] as number) * width;
    for (let i = 0; i < width; i++)
      to[target + i] = (to[target + i] as number) + (from[source + i] as number);
  }
}

/** Sums of the columns of x `[R, D]`; in double precision, four rows at a time. */
export function columnSumsLoop(x: Float32Array, sums: Float32Array): void {
  const width = sums.length;
  const totals = new Float64Array(width);
  const rows = x.length / width;
  const blocked = rows - (rows % 4);
  for (let row = 0; row < blocked; row += 4) {
    const start = row * width;
    for (let i = 0, p = start; i < width; i++, p++) {
      const upper = (x[p] as number) + (x[p + width] as number);
      totals[i] =
        (totals[i] as number) + upper + ((x[p + 2 * width] as number) + (x[p + 3 * width] as number));
    }
  }
  for (let p = blocked * width; p < x.length; p++)
    totals[p % width] = (totals[p % width] as number) + (x[p] as number);
  sums.set(totals);
}
