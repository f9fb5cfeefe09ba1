// Matrix products: register tiles of ROWS×8, B packed as [N/8][K][8] so that the innermost loop reads it in order.
import { gelu } from './gelu';
import { packB, packTurnedA } from './packing';
import { halfTileOfRows, ROWS, tileOfColumns, tileOfRows } from './tiles';

/** One tile of results, for edges. */
const EDGE = memory.data(192, 16);
/** What nothing is added to. */
const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0]);

/** `K` by which products are cut, so that a panel of B stays in the first cache. */
const BLOCK: i32 = 512;
/** Bytes of A that are walked through again for each panel of B. */
const A_BYTES: i32 = 131072;

/** Rows from `first` on of a tile in EDGE, as many columns as there are, on top of `rest`. */
function copyEdge(first: i32, rows: i32, columns: i32, out: usize, outRow: usize, rest: usize, restRow: usize): void {
  let from = EDGE + (<usize>first << 5);
  for (let i = 0; i < rows; i++, from += 32, out += outRow, rest += restRow) {
    for (let j: usize = 0; j < <usize>columns << 2; j += 4) store<f32>(out + j, load<f32>(from + j) + load<f32>(rest + j));
  }
}

/** A tile of either kind; `columns` of the panel are wanted. */
// @ts-ignore: decorator
@inline
function tile(
  a: usize, aRow: usize, turned: bool, columns: i32, b: usize, bStep: usize, K: i32, out: usize, outRow: usize,
  rest: usize, restRow: usize,
): void {
  if (turned) tileOfColumns(a, aRow, b, bStep, K, out, outRow, rest, restRow);
  else if (columns <= 4) halfTileOfRows(a, aRow, b, bStep, K, out, outRow, rest, restRow);
  else tileOfRows(a, aRow, b, bStep, K, out, outRow, rest, restRow);
}

/**
 * `out = A · B + rest`, by panels of eight columns of B, whose rows lie `bStep` bytes apart, the next panel `bPanel` bytes on; all eight
 * columns may be read. A's element (m, k) lies at `a + m·aRow + 4·k`, or, where `turned`, at
 * `a + (m / ROWS)·aTile + k·aRow + 4·(m mod ROWS)` and is readable up to the next multiple of ROWS. `rest` 0 stands for none; its
 * row stride of 0 makes it a bias. Strides in bytes.
 */
export function productPacked(
  a: usize, aRow: usize, aTile: usize, turned: bool, b: usize, bStep: usize, bPanel: usize, M: i32, N: i32, K: i32,
  out: usize, outRow: usize, rest: usize, restRow: usize,
): void {
  const step: usize = turned ? 4 : aRow;
  const inOrder = aTile == <usize>ROWS * step;
  // Too few rows for a tile are taken one by one, as if each were there ROWS times.
  const few = inOrder && !turned && M < ROWS;
  for (let n = 0; n < N; n += 8, b += bPanel) {
    const columns = min(8, N - n);
    const left = <usize>n << 2;
    const under: usize = rest == 0 ? ZEROS : rest + left;
    const underRow: usize = rest == 0 ? 0 : restRow;
    const fits = columns == 8 || (columns == 4 && !turned);
    let first = a;
    for (let m = 0; m < M; first += aTile) {
      const rows = few ? 1 : min(ROWS, M - m);
      const at = out + <usize>m * outRow + left;
      const restAt = under + <usize>m * underRow;
      // The last rows are computed along with some of those before, which are there to be read; where nothing is added up, that
      // writes them once more as they are.
      const missing = ROWS - rows;
      const skip = inOrder && !few && missing <= m ? missing : 0;
      const from = first - <usize>skip * step;
      if (fits && (missing == 0 || (skip > 0 && underRow == 0))) {
        tile(from, aRow, turned, columns, b, bStep, K, at - <usize>skip * outRow, outRow, restAt, underRow);
      } else {
        tile(from, few ? 0 : aRow, turned, columns, b, bStep, K, EDGE, 32, ZEROS, 0);
        copyEdge(skip, rows, columns, at, outRow, restAt, underRow);
        if (few) first -= aTile - aRow;
      }
      m += rows;
    }
  }
}

/** `some` rows of A at a time, for every panel of B; the first block of K starts from the bias. */
function productBlock(
  a: usize, aRow: usize, packed: usize, M: i32, N: i32, first: bool, size: i32, out: usize, bias: usize, derivative: usize,
): void {
  const outRow = <usize>N << 2;
  const some = max(1, A_BYTES / (4 * ROWS * max(size, 1))) * ROWS;
  for (let m = 0; m < M; m += some) {
    const to = out + <usize>m * outRow;
    const rows = min(some, M - m);
    const rest = first ? bias : to;
    const from = a + <usize>m * aRow;
    productPacked(
      from, aRow, <usize>ROWS * aRow, false, packed, 32, <usize>size << 5, rows, N, size, to, outRow, rest, first ? 0 : outRow,
    );
    if (derivative != 0) gelu(to, to, derivative + <usize>m * outRow, rows * N); // while the rows are near
  }
}

/**
 * `out [M, N] = A [M, K] · B + bias`; B's element (k, n) at `b + 4·(k·bRow + n·bColumn)`; `bias` 0 stands for none. Scratch
 * holds `min(K, 512) · ceil8(N)` values.
 */
export function product(
  a: usize, b: usize, bRow: i32, bColumn: i32, M: i32, N: i32, K: i32, out: usize, bias: usize, scratch: usize,
): void {
  productGelu(a, b, bRow, bColumn, M, N, K, out, bias, 0, scratch);
}

/** As `product`, followed by GELU, whose derivative goes to `derivative` where that is not 0. N is a multiple of four then. */
export function productGelu(
  a: usize, b: usize, bRow: i32, bColumn: i32, M: i32, N: i32, K: i32, out: usize, bias: usize, derivative: usize,
  scratch: usize,
): void {
  const aRow = <usize>K << 2;
  for (let k = 0; k < max(K, 1); k += BLOCK) {
    const size = min(BLOCK, K - k);
    const last = k + BLOCK >= K;
    packB(b + ((<usize>k * bRow) << 2), bRow, bColumn, size, N, scratch, 1);
    const from = a + (<usize>k << 2);
    productBlock(from, aRow, scratch, M, N, k == 0, size, out, bias, last ? derivative : 0);
  }
}

/** K and M by which `productTurned` packs A, so that what it packed is still near when it is read. */
const TURNED_BLOCK: i32 = 256;
const TURNED_ROWS: i32 = 120; // a multiple of ROWS in either variant

/**
 * `out [M, N] = Aᵀ · B` for A `[K, M]` and B as in `product`, and, where `sums` is not 0, the sums of A's columns: a linear
 * layer's gradients by weight and bias. Scratch holds `256 · (N + 136) + M + 32` values.
 */
export function productTurned(
  a: usize, b: usize, bRow: i32, bColumn: i32, M: i32, N: i32, K: i32, out: usize, sums: usize, scratch: usize,
): void {
  const outRow = <usize>N << 2;
  const row = <usize>M << 2;
  const packedA = scratch + ((<usize>(4 * (M + 8)) + 15) & ~15); // the sums, padded, come first
  const packedB = packedA + <usize>(TURNED_BLOCK * 4 * (TURNED_ROWS + 8));
  memory.fill(scratch, 0, packedA - scratch);
  memory.fill(out, 0, <usize>M * outRow);
  for (let k = 0; k < K; k += TURNED_BLOCK) {
    const size = min(TURNED_BLOCK, K - k);
    const tile = <usize>(size * ROWS) << 2;
    packB(b + ((<usize>k * bRow) << 2), bRow, bColumn, size, N, packedB, 1);
    for (let m = 0; m < M; m += TURNED_ROWS) {
      const from = a + <usize>k * row + (<usize>m << 2);
      const to = out + <usize>m * outRow;
      const some = min(TURNED_ROWS, M - m);
      packTurnedA(from, row, size, some, M - m, packedA, scratch + (<usize>m << 2));
      productPacked(packedA, ROWS * 4, tile, true, packedB, 32, <usize>size << 5, some, N, size, to, outRow, to, outRow);
    }
  }
  if (sums != 0) memory.copy(sums, scratch, <usize>M << 2);
}
