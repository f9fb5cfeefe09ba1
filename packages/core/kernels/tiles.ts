// Register tiles: a few rows of A times eight columns of B, over all of K, on top of what is there.
import { multiplyAdd } from './vectors';

/**
 * Rows of a register tile. With fused multiply-adds six rows of eight keep twelve sums, a pair of B and a value of A in the 15
 * registers that engines leave us on x86, and reach the hardware's limit; the plain variant needs one more for each product.
 */
export const ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 5;

/** ROWS rows of A, each stored in order, times a panel of B, on top of `rest`. */
export function tileOfRows(
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
export function halfTileOfRows(
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
export function tileOfColumns(
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
