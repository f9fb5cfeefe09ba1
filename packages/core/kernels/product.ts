// Matrix products: register tiles of ROWS×8, B packed as [N/8][K][8] so that the innermost loop reads it in order.
import { gelu } from './gelu';
import { multiplyAdd } from './vectors';

/**
 * Rows of a register tile. With fused multiply-adds six rows of eight keep twelve sums, a pair of B and a value of A in the 15
 * registers that engines leave us on x86, and reach the hardware's limit; the plain variant needs one more for each product.
 */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** One tile of results, for edges. */
const EDGE = memory.data(192, 16);
/** What nothing is added to. */
const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0]);

/** `K` by which products are cut, so that a panel of B stays in the first cache. */
const BLOCK: i32 = 512;
/** Bytes of A that are walked through again for each panel of B. */
const A_BYTES: i32 = 131072;

/**
 * Packs rows [first, first + K) of B `[K, N]` as panels of eight columns, padded with zeros, times `scale`. Element (k, n)
 * lies at `b + 4·(k·rowStride + n·columnStride)`.
 */
export function packB(
  b: usize, rowStride: i32, columnStride: i32, K: i32, N: i32, to: usize, scale: f32,
): void {
  const row = <usize>rowStride << 2;
  const column = <usize>columnStride << 2;
  const factor = f32x4.splat(scale);
  for (let n = 0; n < N; n += 8) {
    const width = min(8, N - n);
    let from = b + <usize>n * column;
    if (width == 8 && columnStride == 1) {
      for (let k = 0; k < K; k++, from += row, to += 32) {
        v128.store(to, f32x4.mul(v128.load(from), factor));
        v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
      }
      continue;
    }
    if (width == 8 && rowStride == 1) {
      to = packTurned(from, column, K, to, factor);
      continue;
    }
    memory.fill(to, 0, <usize>K << 5);
    for (let j = 0; j < width; j++, from += column) {
      let at = to + (<usize>j << 2);
      for (let k: usize = 0; k < <usize>K * row; k += row, at += 32) store<f32>(at, load<f32>(from + k) * scale);
    }
    to += <usize>K << 5;
  }
}

/** Eight stored rows as a panel of eight columns: transposes of 4×4 in registers. */
function packTurned(from: usize, column: usize, K: i32, to: usize, factor: v128): usize {
  let k = 0;
  for (; k + 4 <= K; k += 4, from += 16, to += 128) {
    turn(from, column, to, factor);
    turn(from + 4 * column, column, to + 16, factor);
  }
  for (; k < K; k++, from += 4, to += 32) {
    for (let j: usize = 0; j < 8; j++) {
      store<f32>(to + (j << 2), load<f32>(from + j * column) * f32x4.extract_lane(factor, 0));
    }
  }
  return to;
}

// @ts-ignore: decorator
@inline
function turn(from: usize, column: usize, to: usize, factor: v128): void {
  const a = f32x4.mul(v128.load(from), factor);
  const b = f32x4.mul(v128.load(from + column), factor);
  const c = f32x4.mul(v128.load(from + 2 * column), factor);
  const d = f32x4.mul(v128.load(from + 3 * column), factor);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const abUpper = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cdUpper = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 32);
  v128.store(to, v128.shuffle<f32>(abUpper, cdUpper, 0, 1, 4, 5), 64);
  v128.store(to, v128.shuffle<f32>(abUpper, cdUpper, 2, 3, 6, 7), 96);
}

/** ROWS rows of A, each stored in order, times a panel of B, on top of `rest`. */
function tileOfRows(
  a: usize, aRow: usize, b: usize, bStep: usize, K: i32, out: usize, outRow: usize, rest: usize, restRow: usize,
): void {
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  let l0 = v128.load(rest);
  let r0 = v128.load(rest, 16);
  let l1 = v128.load(rest + restRow);
  let r1 = v128.load(rest + restRow, 16);
  let l2 = v128.load(rest + 2 * restRow);
  let r2 = v128.load(rest + 2 * restRow, 16);
  let l3 = v128.load(rest + 3 * restRow);
  let r3 = v128.load(rest + 3 * restRow, 16);
  let l4 = v128.load(rest + 4 * restRow);
  let r4 = v128.load(rest + 4 * restRow, 16);
  let l5 = v128.load(rest + 5 * restRow);
  let r5 = v128.load(rest + 5 * restRow, 16);
  for (const end = b + <usize>K * bStep; b < end; b += bStep) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load32_splat(a);
    l0 = multiplyAdd(x, left, l0);
    r0 = multiplyAdd(x, right, r0);
    x = v128.load32_splat(a1);
    l1 = multiplyAdd(x, left, l1);
    r1 = multiplyAdd(x, right, r1);
    x = v128.load32_splat(a2);
    l2 = multiplyAdd(x, left, l2);
    r2 = multiplyAdd(x, right, r2);
    x = v128.load32_splat(a3);
    l3 = multiplyAdd(x, left, l3);
    r3 = multiplyAdd(x, right, r3);
    x = v128.load32_splat(a4);
    l4 = multiplyAdd(x, left, l4);
    r4 = multiplyAdd(x, right, r4);
    if (ASC_FEATURE_RELAXED_SIMD) {
      x = v128.load32_splat(a5);
      l5 = multiplyAdd(x, left, l5);
      r5 = multiplyAdd(x, right, r5);
      a5 += 4;
    }
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
  }
  v128.store(out, l0);
  v128.store(out, r0, 16);
  v128.store(out + outRow, l1);
  v128.store(out + outRow, r1, 16);
  v128.store(out + 2 * outRow, l2);
  v128.store(out + 2 * outRow, r2, 16);
  v128.store(out + 3 * outRow, l3);
  v128.store(out + 3 * outRow, r3, 16);
  v128.store(out + 4 * outRow, l4);
  v128.store(out + 4 * outRow, r4, 16);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(out + 5 * outRow, l5);
    v128.store(out + 5 * outRow, r5, 16);
  }
}

/** As `tileOfRows`, of the first four columns of the panel alone. */
function halfTileOfRows(
  a: usize, aRow: usize, b: usize, bStep: usize, K: i32, out: usize, outRow: usize, rest: usize, restRow: usize,
): void {
  let a1 = a + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  let l0 = v128.load(rest);
  let l1 = v128.load(rest + restRow);
  let l2 = v128.load(rest + 2 * restRow);
  let l3 = v128.load(rest + 3 * restRow);
  let l4 = v128.load(rest + 4 * restRow);
  let l5 = v128.load(rest + 5 * restRow);
  for (const end = b + <usize>K * bStep; b < end; b += bStep) {
    const left = v128.load(b);
    l0 = multiplyAdd(v128.load32_splat(a), left, l0);
    l1 = multiplyAdd(v128.load32_splat(a1), left, l1);
    l2 = multiplyAdd(v128.load32_splat(a2), left, l2);
    l3 = multiplyAdd(v128.load32_splat(a3), left, l3);
    l4 = multiplyAdd(v128.load32_splat(a4), left, l4);
    if (ASC_FEATURE_RELAXED_SIMD) {
      l5 = multiplyAdd(v128.load32_splat(a5), left, l5);
      a5 += 4;
    }
    a += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
  }
  v128.store(out, l0);
  v128.store(out + outRow, l1);
  v128.store(out + 2 * outRow, l2);
  v128.store(out + 3 * outRow, l3);
  v128.store(out + 4 * outRow, l4);
  if (ASC_FEATURE_RELAXED_SIMD) v128.store(out + 5 * outRow, l5);
}

/** As `tileOfRows`, where the rows lie side by side: element (m, k) at `a + k·step + 4·m`, readable for all of a tile's rows. */
function tileOfColumns(
  a: usize, step: usize, b: usize, bStep: usize, K: i32, out: usize, outRow: usize, rest: usize, restRow: usize,
): void {
  let l0 = v128.load(rest);
  let r0 = v128.load(rest, 16);
  let l1 = v128.load(rest + restRow);
  let r1 = v128.load(rest + restRow, 16);
  let l2 = v128.load(rest + 2 * restRow);
  let r2 = v128.load(rest + 2 * restRow, 16);
  let l3 = v128.load(rest + 3 * restRow);
  let r3 = v128.load(rest + 3 * restRow, 16);
  let l4 = v128.load(rest + 4 * restRow);
  let r4 = v128.load(rest + 4 * restRow, 16);
  let l5 = v128.load(rest + 5 * restRow);
  let r5 = v128.load(rest + 5 * restRow, 16);
  for (const end = b + <usize>K * bStep; b < end; b += bStep) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load32_splat(a);
    l0 = multiplyAdd(x, left, l0);
    r0 = multiplyAdd(x, right, r0);
    x = v128.load32_splat(a, 4);
    l1 = multiplyAdd(x, left, l1);
    r1 = multiplyAdd(x, right, r1);
    x = v128.load32_splat(a, 8);
    l2 = multiplyAdd(x, left, l2);
    r2 = multiplyAdd(x, right, r2);
    x = v128.load32_splat(a, 12);
    l3 = multiplyAdd(x, left, l3);
    r3 = multiplyAdd(x, right, r3);
    x = v128.load32_splat(a, 16);
    l4 = multiplyAdd(x, left, l4);
    r4 = multiplyAdd(x, right, r4);
    if (ASC_FEATURE_RELAXED_SIMD) {
      x = v128.load32_splat(a, 20);
      l5 = multiplyAdd(x, left, l5);
      r5 = multiplyAdd(x, right, r5);
    }
    a += step;
  }
  v128.store(out, l0);
  v128.store(out, r0, 16);
  v128.store(out + outRow, l1);
  v128.store(out + outRow, r1, 16);
  v128.store(out + 2 * outRow, l2);
  v128.store(out + 2 * outRow, r2, 16);
  v128.store(out + 3 * outRow, l3);
  v128.store(out + 3 * outRow, r3, 16);
  v128.store(out + 4 * outRow, l4);
  v128.store(out + 4 * outRow, r4, 16);
  if (ASC_FEATURE_RELAXED_SIMD) {
    v128.store(out + 5 * outRow, l5);
    v128.store(out + 5 * outRow, r5, 16);
  }
}

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

/**
 * Packs columns [0, M) of `K` rows of A, which lie `row` bytes apart and of which `readable` columns may be read, as
 * [M / ROWS][K][ROWS], padded, and adds them up into `sums`, padded alike.
 */
function packTurnedA(a: usize, row: usize, K: i32, M: i32, readable: i32, to: usize, sums: usize): void {
  for (let m = 0; m < M; m += ROWS) {
    const from = a + (<usize>m << 2);
    const total = sums + (<usize>m << 2);
    if (readable - m >= 8) packColumns(from, row, K, to, total);
    else packEdgeColumns(from, row, K, readable - m, to, total);
    to += <usize>(K * ROWS) << 2;
  }
}

/** ROWS columns, of which eight may be read: what is stored past the last is overwritten by the next row, or is padding. */
function packColumns(from: usize, row: usize, K: i32, to: usize, total: usize): void {
  let left = f32x4.splat(0);
  let right = f32x4.splat(0);
  for (let k = 0; k < K; k++, from += row, to += ROWS * 4) {
    const four = v128.load(from);
    const more = v128.load(from, 16);
    left = f32x4.add(left, four);
    right = f32x4.add(right, more);
    v128.store(to, four);
    v128.store(to, more, 16);
  }
  v128.store(total, f32x4.add(v128.load(total), left));
  const rest = f32x4.add(v128.load(total, 16), right);
  if (ASC_FEATURE_RELAXED_SIMD) v128.store64_lane(total + 16, rest, 0);
  else v128.store32_lane(total + 16, rest, 0);
}

function packEdgeColumns(from: usize, row: usize, K: i32, width: i32, to: usize, total: usize): void {
  for (let k = 0; k < K; k++, from += row, to += ROWS * 4) {
    for (let m: usize = 0; m < <usize>ROWS << 2; m += 4) {
      const value = m < <usize>width << 2 ? load<f32>(from + m) : <f32>0;
      store<f32>(to + m, value);
      store<f32>(total + m, load<f32>(total + m) + value);
    }
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
