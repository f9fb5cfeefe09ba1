import { ROUND } from './scaling.ts';

/** IEEE 754 half precision: a sign, five bits of exponent, ten of mantissa. */

const EXPONENT = 0x7c00;
/** The bits of 65,504, the largest half. */
export const MOST_HALF = 0x7bff;
/** Of float32: 65,504 and 2⁻¹⁴, from which on halves are normal. */
const MOST_BITS = 0x477fe000;
const LEAST_NORMAL_BITS = 0x38800000;
/** The distance of subnormal halves is 2⁻²⁴. */
const SUBNORMALS_TO_ONE = 2 ** 24;

function valueOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, mantissa] = [(half & EXPONENT) >> 10, half & 0x3ff];
  if (exponent === 0x1f) return mantissa === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return (sign * mantissa) / SUBNORMALS_TO_ONE;
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15);
}

/** The value of each of the 65,536 halves. */
export const HALVES = Float32Array.from({ length: 0x10000 }, (_, half) => valueOf(half));

/** Whether these bits are a number: neither infinite nor NaN. */
export const isFiniteHalf = (half: number): boolean => (half & EXPONENT) !== EXPONENT;

/** The nearest half to a float32 given as its bits and as its value, ties to even; beyond 65,504 it is that. */
export function nearestHalf(bits: number, value: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const size = bits & 0x7fffffff;
  if (size >= MOST_BITS) return sign | MOST_HALF;
  if (size < LEAST_NORMAL_BITS) return sign | (Math.abs(value) * SUBNORMALS_TO_ONE + ROUND - ROUND);
  // The exponents differ by 112; 13 bits of mantissa are rounded away, and a carry belongs into the exponent.
  return sign | ((size - (112 << 23) + 0xfff + ((size >>> 13) & 1)) >>> 13);
}

/** The least half that is no less than `value` ≥ 0; beyond 65,504 it is that. */
export function halfFrom(value: number): number {
  let [least, most] = [0, MOST_HALF];
  while (least < most) {
    const middle = (least + most) >> 1;
    if ((HALVES[middle] as number) < value) least = middle + 1;
    else most = middle;
  }
  return least;
}
