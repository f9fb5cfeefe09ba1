import { exponential } from './exponential';

// @ts-ignore: decorator
@inline
function four(operation: i32, a: v128, b: v128): v128 {
  if (operation == 0) return f32x4.add(a, b);
  if (operation == 1) return f32x4.sub(a, b);
  if (operation == 2) return f32x4.mul(a, b);
  if (operation == 3) return f32x4.div(a, b);
  return operation == 4 ? f32x4.max(a, b) : f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function one(operation: i32, a: f32, b: f32): f32 {
  if (operation == 0) return a + b;
  if (operation == 1) return a - b;
  if (operation == 2) return a * b;
  if (operation == 3) return a / b;
  return operation == 4 ? max<f32>(a, b) : min<f32>(a, b);
}

/** A run of values; a step of 0 repeats the first, any other is in values. */
// @ts-ignore: decorator
@inline
function run(operation: i32, a: usize, b: usize, out: usize, count: i32, aStep: i32, bStep: i32): void {
  const end = out + (<usize>count << 2);
  if ((aStep | bStep) == 1) {
    const aBytes: usize = aStep == 1 ? 16 : 0;
    const bBytes: usize = bStep == 1 ? 16 : 0;
    const aFirst = v128.load32_splat(a);
    const bFirst = v128.load32_splat(b);
    if (aStep == bStep) {
      for (; out + 16 <= end; out += 16, a += 16, b += 16) v128.store(out, four(operation, v128.load(a), v128.load(b)));
    } else if (bStep == 0) {
      for (; out + 16 <= end; out += 16, a += aBytes) v128.store(out, four(operation, v128.load(a), bFirst));
    } else {
      for (; out + 16 <= end; out += 16, b += bBytes) v128.store(out, four(operation, aFirst, v128.load(b)));
    }
  }
  for (; out < end; out += 4, a += <usize>aStep << 2, b += <usize>bStep << 2) {
    store<f32>(out, one(operation, load<f32>(a), load<f32>(b)));
  }
}

// @ts-ignore: decorator
@inline
function walk(
  operation: i32, a: usize, b: usize, out: usize, n0: i32, n1: i32, n2: i32, n3: i32, a0: i32, a1: i32, a2: i32, a3: i32,
  b0: i32, b1: i32, b2: i32, b3: i32,
): void {
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++) {
        const fromA = a + (<usize>(i * a0 + j * a1 + k * a2) << 2);
        const fromB = b + (<usize>(i * b0 + j * b1 + k * b2) << 2);
        run(operation, fromA, fromB, out, n3, a3, b3);
        out += <usize>n3 << 2;
      }
    }
  }
}

/**
 * `out = a ∘ b` for `out` `[n0, n1, n2, n3]`: `operation` 0 adds, 1 subtracts, 2 multiplies, 3 divides, 4 takes the larger, 5 the
 * smaller. The operands' steps along each axis are in values; 0 spreads one along it.
 */
export function binary(
  operation: i32, a: usize, b: usize, out: usize, n0: i32, n1: i32, n2: i32, n3: i32, a0: i32, a1: i32, a2: i32, a3: i32,
  b0: i32, b1: i32, b2: i32, b3: i32,
): void {
  // each loop is compiled for its operation
  if (operation == 0) walk(0, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
  else if (operation == 1) walk(1, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
  else if (operation == 2) walk(2, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
  else if (operation == 3) walk(3, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
  else if (operation == 4) walk(4, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
  else walk(5, a, b, out, n0, n1, n2, n3, a0, a1, a2, a3, b0, b1, b2, b3);
}

/** Below e to this is nothing in float32, and above the other is infinite. */
const LEAST: f32 = -87.33654;
const MOST: f32 = 88.72283;

// @ts-ignore: decorator
@inline
function unaryFour(operation: i32, x: v128): v128 {
  if (operation == 0) {
    const e = v128.bitselect(f32x4.splat(Infinity), exponential(x), f32x4.gt(x, f32x4.splat(MOST)));
    return v128.andnot(e, f32x4.lt(x, f32x4.splat(LEAST)));
  }
  if (operation == 1) return f32x4.sqrt(x);
  if (operation == 2) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (operation == 3) return f32x4.mul(x, x);
  return operation == 4 ? f32x4.neg(x) : f32x4.max(x, f32x4.splat(0));
}

/**
 * `out` of `count` values of x: `operation` 0 is e^x, 1 the square root, 2 one over it, 3 the square, 4 the negative, 5 what is
 * above zero. Both arrays are readable and writable to a multiple of four.
 */
export function unary(operation: i32, x: usize, out: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 16) v128.store(out + i, unaryFour(operation, v128.load(x + i)));
}
