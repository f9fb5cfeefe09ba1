import { multiplyAdd } from './vectors';

// Constants lie in memory, four lanes each: a vector constant in code is rebuilt at every use.
// prettier-ignore
const TABLE = memory.data<f32>([
  1.44269504, 1.44269504, 1.44269504, 1.44269504, //   0 log2 e
  12582912, 12582912, 12582912, 12582912, //          16 1.5 · 2^23: adding it rounds to a whole number
  -0.693359375, -0.693359375, -0.693359375, -0.693359375, // 32 −ln 2, upper bits
  2.12194440e-4, 2.12194440e-4, 2.12194440e-4, 2.12194440e-4, // 48 and the rest
  1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, 1.9875691500e-4, // 64 polynomial of Cephes' expf
  1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3, 1.3981999507e-3,
  8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3, 8.3334519073e-3,
  4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2, 4.1665795894e-2,
  1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1, 1.6666665459e-1,
  5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1, 5.0000001201e-1,
  -87.0, -87.0, -87.0, -87.0, // 160
  88.0, 88.0, 88.0, 88.0, // 176
  1, 1, 1, 1, // 192
]);

/** `e^x` within 2 ulp; x below −87 gives e^−87, about 1.6e-38. NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function exponential(given: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(given, v128.load(TABLE, 176)), v128.load(TABLE, 160));
  const magic = v128.load(TABLE, 16);
  const shifted = f32x4.add(f32x4.mul(x, v128.load(TABLE, 0)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = multiplyAdd(n, v128.load(TABLE, 32), x);
  r = multiplyAdd(n, v128.load(TABLE, 48), r);
  let p = multiplyAdd(v128.load(TABLE, 64), r, v128.load(TABLE, 80));
  p = multiplyAdd(p, r, v128.load(TABLE, 96));
  p = multiplyAdd(p, r, v128.load(TABLE, 112));
  p = multiplyAdd(p, r, v128.load(TABLE, 128));
  p = multiplyAdd(p, r, v128.load(TABLE, 144));
  p = multiplyAdd(p, f32x4.mul(r, r), f32x4.add(r, v128.load(TABLE, 192)));
  // The low bits of `shifted` hold n: moved into the exponent they multiply by 2^n.
  return i32x4.add(p, i32x4.shl(shifted, 23));
}
