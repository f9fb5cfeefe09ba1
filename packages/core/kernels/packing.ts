// Factors of a product laid out so that the innermost loop reads them in order.
import { ROWS } from './tiles';

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

/**
 * Packs columns [0, M) of `K` rows of A, which lie `row` bytes apart and of which `readable` columns may be read, as
 * [M / ROWS][K][ROWS], padded, and adds them up into `sums`, padded alike.
 */
export function packTurnedA(a: usize, row: usize, K: i32, M: i32, readable: i32, to: usize, sums: usize): void {
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
