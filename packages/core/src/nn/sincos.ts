/** Sines, then cosines of each of `grid` places at `width / 2` frequencies: `[grid, width]`. */
function placesAlong(grid: number, width: number): Float32Array {
  const half = width / 2;
  const table = new Float32Array(grid * width);
  for (let i = 0; i < half; i++) {
    const frequency = 10000 ** (-i / half);
    for (let place = 0; place < grid; place++) {
      table[place * width + i] = Math.sin(place * frequency);
      table[place * width + half + i] = Math.cos(place * frequency);
    }
  }
  return table;
}

/**
 * Fixed 2-D sine–cosine positions `[N (+1), D]` (He et al. 2022, `util/pos_embed.py`). Channels [0, D/2) encode the
 * column, [D/2, D) the row; in each half D/4 sines, then D/4 cosines. The class token's row is zero.
 */
export function positionTable(grid: number, width: number, classToken: boolean): Float32Array {
  if (width % 4 !== 0)
    throw new Error(`positionTable: expected a width that is a multiple of 4, received ${width}`);
  const first = classToken ? 1 : 0;
  const half = width / 2;
  const along = placesAlong(grid, half);
  const place = (i: number): Float32Array => along.subarray(i * half, (i + 1) * half);
  const table = new Float32Array((grid * grid + first) * width);
  for (let n = 0; n < grid * grid; n++) {
    table.set(place(n % grid), (n + first) * width);
    table.set(place(Math.floor(n / grid)), (n + first) * width + half);
  }
  return table;
}
