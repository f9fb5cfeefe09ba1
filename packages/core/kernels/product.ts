// Matrix products: register tiles of 4×8, B packed as [N/8][K][8] so that the innermost loop reads it in order.
import { multiplyAdd } from './vectors';

/** One tile of results, for edges. */
const EDGE = memory.data(128, 16);
/** A bias of nothing. */
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
    for (let k = 0; k < K; k++, from += row, to += 32) {
      for (let j = 0; j < 8; j++) {
        const value = j < width ? load<f32>(from + <usize>j * column) * scale : <f32>0;
        store<f32>(to + (<usize>j << 2), value);
      }
    }
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

/** Stores a row of a tile, on top of `rest` where there is one. */
// @ts-ignore: decorator
@inline
function finish(out: usize, rest: usize, left: v128, right: v128): void {
  if (rest != 0) {
    left = f32x4.add(left, v128.load(rest));
    right = f32x4.add(right, v128.load(rest, 16));
  }
  v128.store(out, left);
  v128.store(out, right, 16);
}

/** Four rows of A, each stored in order, times a panel of B. */
function tileOfRows(
  a0: usize, a1: usize, a2: usize, a3: usize, b: usize, K: i32, bias: usize, out: usize, outRow: usize, rest: usize,
  restRow: usize,
): void {
  let l0 = v128.load(bias);
  let r0 = v128.load(bias, 16);
  let l1 = l0;
  let r1 = r0;
  let l2 = l0;
  let r2 = r0;
  let l3 = l0;
  let r3 = r0;
  for (const end = b + (<usize>K << 5); b < end; b += 32) {
    const left = v128.load(b);
    const right = v128.load(b, 16);
    let x = v128.load32_splat(a0);
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
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
  }
  finish(out, rest, l0, r0);
  finish(out + outRow, rest == 0 ? 0 : rest + restRow, l1, r1);
  finish(out + 2 * outRow, rest == 0 ? 0 : rest + 2 * restRow, l2, r2);
  finish(out + 3 * outRow, rest == 0 ? 0 : rest + 3 * restRow, l3, r3);
}

/** As `tileOfRows`, where the four rows lie side by side: element (m, k) at `a + k·step + 4·m`. */
function tileOfColumns(
  a: usize, step: usize, b: usize, K: i32, bias: usize, out: usize, outRow: usize, rest: usize, restRow: usize,
): void {
  let l0 = v128.load(bias);
  let r0 = v128.load(bias, 16);
  let l1 = l0;
  let r1 = r0;
  let l2 = l0;
  let r2 = r0;
  let l3 = l0;
  let r3 = r0;
  for (const end = b + (<usize>K << 5); b < end; b += 32, a += step) {
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
  }
  finish(out, rest, l0, r0);
  finish(out + outRow, rest == 0 ? 0 : rest + restRow, l1, r1);
  finish(out + 2 * outRow, rest == 0 ? 0 : rest + 2 * restRow, l2, r2);
  finish(out + 3 * outRow, rest == 0 ? 0 : rest + 3 * restRow, l3, r3);
}

/** The part of a tile that lies inside the result. */
function copyEdge(rows: i32, columns: i32, out: usize, outRow: usize, rest: usize, restRow: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    for (let j: usize = 0; j < <usize>columns; j++) {
      let value = load<f32>(EDGE + (i << 5) + (j << 2));
      if (rest != 0) value += load<f32>(rest + i * restRow + (j << 2));
      store<f32>(out + i * outRow + (j << 2), value);
    }
  }
}

/**
 * `out = A · B + bias + rest` for packed B. A's element (m, k) lies at `a + m·aRow + 4·k` (with `aTile` four rows), or, where `turned`, at
 * `a + (m/4)·aTile + k·aRow + 4·(m mod 4)` and readable up to the next multiple of four rows. `bias` is padded to eight; 0 stands for none.
 * Strides in bytes.
 */
export function productPacked(
  a: usize, aRow: usize, aTile: usize, turned: bool, b: usize, M: i32, N: i32, K: i32, out: usize, outRow: usize, bias: usize,
  rest: usize, restRow: usize,
): void {
  for (let n = 0; n < N; n += 8) {
    const columns = N - n;
    const left = <usize>n << 2;
    const panelBias = bias == 0 ? ZEROS : bias + left;
    let first = a;
    for (let m = 0; m < M; m += 4, first += aTile) {
      const rows = M - m;
      const whole = rows >= 4 && columns >= 8;
      const at = out + <usize>m * outRow + left;
      const restAt: usize = rest == 0 ? 0 : rest + <usize>m * restRow + left;
      const to = whole ? at : EDGE;
      const toRow = whole ? outRow : 32;
      const add = whole ? restAt : 0;
      if (turned) {
        tileOfColumns(first, aRow, b, K, panelBias, to, toRow, add, restRow);
      } else {
        const a1 = rows > 1 ? first + aRow : first;
        const a2 = rows > 2 ? a1 + aRow : a1;
        tileOfRows(first, a1, a2, rows > 3 ? a2 + aRow : a2, b, K, panelBias, to, toRow, add, restRow);
      }
      if (!whole) copyEdge(min(rows, 4), min(columns, 8), at, outRow, restAt, restRow);
    }
    b += <usize>K << 5;
  }
}

/**
 * `out [M, N] = A [M, K] · B + bias + rest`; B's element (k, n) at `b + 4·(k·bRow + n·bColumn)`. Scratch holds
 * `min(K, 512) · ceil8(N)` values.
 */
export function product(
  a: usize, b: usize, bRow: i32, bColumn: i32, M: i32, N: i32, K: i32, out: usize, bias: usize, rest: usize,
  scratch: usize,
): void {
  const outRow = <usize>N << 2;
  const aRow = <usize>K << 2;
  for (let k = 0; k < max(K, 1); k += BLOCK) {
    const size = min(BLOCK, K - k);
    packB(b + ((<usize>k * bRow) << 2), bRow, bColumn, size, N, scratch, 1);
    const some = max(4, (A_BYTES / (4 * max(size, 1))) & ~3);
    for (let m = 0; m < M; m += some) {
      const skip = <usize>m * outRow;
      const under: usize = k == 0 ? (rest == 0 ? 0 : rest + skip) : out + skip;
      const from = a + <usize>m * aRow + (<usize>k << 2);
      const rows = min(some, M - m);
      productPacked(
        from, aRow, 4 * aRow, false, scratch, rows, N, size, out + skip, outRow, k == 0 ? bias : 0, under, outRow,
      );
    }
  }
}

/** Packs `K` rows of A `[K, M]` as [M/4][K][4] and adds up its columns into `sums`, which is padded to four. */
function packTurnedA(a: usize, K: i32, M: i32, to: usize, sums: usize): void {
  const row = <usize>M << 2;
  for (let m = 0; m < M; m += 4) {
    let from = a + (<usize>m << 2);
    const width = min(4, M - m);
    let sum = f32x4.splat(0);
    for (let k = 0; k < K; k++, from += row, to += 16) {
      let four = f32x4.splat(0);
      if (width == 4) four = v128.load(from);
      else {
        four = f32x4.replace_lane(four, 0, load<f32>(from));
        if (width > 1) four = f32x4.replace_lane(four, 1, load<f32>(from, 4));
        if (width > 2) four = f32x4.replace_lane(four, 2, load<f32>(from, 8));
      }
      sum = f32x4.add(sum, four);
      v128.store(to, four);
    }
    const total = sums + (<usize>m << 2);
    v128.store(total, f32x4.add(v128.load(total), sum));
  }
}

/** Rows that `productTurned` packs at a time. */
const TURNED_BLOCK: i32 = 256;

/**
 * `out [M, N] = Aᵀ · B` for A `[K, M]` and B as in `product`, and the sums of A's columns: a linear layer's gradients by weight
 * and bias. Scratch holds `256 · (ceil4(M) + ceil8(N))` values, `sums` `ceil4(M)`.
 */
export function productTurned(
  a: usize, b: usize, bRow: i32, bColumn: i32, M: i32, N: i32, K: i32, out: usize, sums: usize, scratch: usize,
): void {
  const outRow = <usize>N << 2;
  const packedB = scratch + <usize>(TURNED_BLOCK * 4 * ((M + 3) & ~3));
  memory.fill(sums, 0, <usize>(((M + 3) & ~3) << 2));
  memory.fill(out, 0, <usize>M * outRow);
  for (let k = 0; k < K; k += TURNED_BLOCK) {
    const size = min(TURNED_BLOCK, K - k);
    packTurnedA(a + ((<usize>k * M) << 2), size, M, scratch, sums);
    packB(b + ((<usize>k * bRow) << 2), bRow, bColumn, size, N, packedB, 1);
    const tile = <usize>size << 4;
    productPacked(scratch, 16, tile, true, packedB, M, N, size, out, outRow, 0, out, outRow);
  }
}
