import { exponential } from './exponential';
import { multiplyAdd } from './vectors';

// Abramowitz and Stegun 1964, 7.1.26: erf within 1.5e-7. Four lanes each, as in exponential.ts.
// prettier-ignore
const TABLE = memory.data<f32>([
  0.23164189, 0.23164189, 0.23164189, 0.23164189, //   0 p / √2
  0.5307027145, 0.5307027145, 0.5307027145, 0.5307027145, //  16 half of a5 … a1
  -0.7265760135, -0.7265760135, -0.7265760135, -0.7265760135,
  0.7107068705, 0.7107068705, 0.7107068705, 0.7107068705,
  -0.142248368, -0.142248368, -0.142248368, -0.142248368,
  0.127414796, 0.127414796, 0.127414796, 0.127414796,
  1, 1, 1, 1, //                                      96
  -0.5, -0.5, -0.5, -0.5, //                         112
  0.398942280, 0.398942280, 0.398942280, 0.398942280, // 128 1 / √2π
]);

// @ts-ignore: decorator
@inline
function four(x: usize, y: usize, derivative: usize): void {
  const value = v128.load(x);
  const one = v128.load(TABLE, 96);
  const t = f32x4.div(one, multiplyAdd(f32x4.abs(value), v128.load(TABLE, 0), one));
  const gaussian = exponential(f32x4.mul(f32x4.mul(value, value), v128.load(TABLE, 112)));
  const high = multiplyAdd(v128.load(TABLE, 16), t, v128.load(TABLE, 32));
  const low = multiplyAdd(v128.load(TABLE, 48), t, v128.load(TABLE, 64));
  const p = multiplyAdd(multiplyAdd(high, f32x4.mul(t, t), low), t, v128.load(TABLE, 80));
  const tail = f32x4.mul(f32x4.mul(p, t), gaussian);
  const negative = i32x4.shr_s(value, 31);
  const phi = v128.bitselect(tail, f32x4.sub(one, tail), negative);
  v128.store(y, f32x4.mul(value, phi));
  v128.store(derivative, multiplyAdd(f32x4.mul(value, gaussian), v128.load(TABLE, 128), phi));
}

/** Exact GELU `x Φ(x)` and its derivative `Φ(x) + x φ(x)` of `count` values; arrays are readable and writable to a multiple of four. */
export function gelu(x: usize, y: usize, derivative: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 2; i += 16) four(x + i, y + i, derivative + i);
}
