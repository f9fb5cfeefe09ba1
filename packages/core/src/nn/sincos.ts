/**
 * Fixed 2-D sine–cosine positions `[N (+1), D]` (He et al. 2022, `util/pos_embed.py`). Channels [0, D/2) encode the
 * column, [D/2, D) the row; in each half D/4 sines, then D/4 cosines. The class token's row is zero.
 */
export function positionTable(grid: number, width: number, classToken: boolean): Float32Array {
  if (width % 4 !== 0)
    throw new Error(`positionTable: expected a width that is a multiple of 4, received ${width}`);
  const first = classToken ? 1 : 0;
  const quarter = width / 4;
  const table = new Float32Array((grid * grid + first) * width);
  for (let n = 0; n < grid * grid; n++) {
    const row = (n + first) * width;
    for (let i = 0; i < quarter; i++) {
      const frequency = 10000 ** (-i / quarter);
      const x = (n % grid) * frequency;
      const y = Math.floor(n / grid) * frequency;
      table.set([Math.sin(x)], row + i);
      table.set([Math.cos(x)], row + quarter + i);
      table.set([Math.sin(y)], row + 2 * quarter + i);
      table.set([Math.cos(y)], row + 3 * quarter + i);
    }
  }
  return table;
}
