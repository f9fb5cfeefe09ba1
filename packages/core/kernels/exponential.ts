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

/** `e^x` within 2 ulp; x below −87 gives e^−87, about 1.6e-38. NaN stays NaN. Estrin's scheme: short chains keep more of it in flight. */
// @ts-ignore: decorator
@inline
export function exponential(given: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(given, v128.load(TABLE, 176)), v128.load(TABLE, 160));
  const magic = v128.load(TABLE, 16);
  const shifted = f32x4.add(f32x4.mul(x, v128.load(TABLE, 0)), magic);
  const n = f32x4.sub(shifted, magic);
  let r = multiplyAdd(n, v128.load(TABLE, 32), x);
  r = multiplyAdd(n, v128.load(TABLE, 48), r);
  const square = f32x4.mul(r, r);
  const high = multiplyAdd(v128.load(TABLE, 64), r, v128.load(TABLE, 80));
  const middle = multiplyAdd(v128.load(TABLE, 96), r, v128.load(TABLE, 112));
  const low = multiplyAdd(v128.load(TABLE, 128), r, v128.load(TABLE, 144));
  let p = multiplyAdd(high, square, middle);
  p = multiplyAdd(p, square, low);
  p = multiplyAdd(p, square, f32x4.add(r, v128.load(TABLE, 192)));
  // The low bits of `shifted` hold n: moved into the exponent they multiply by 2^n.
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/** As `exponential`, of eight values that are at most 0: stores them and returns the lanes' sums. Each constant is loaded once for both. */
// @ts-ignore: decorator
@inline
export function exponentialPair(to: usize, givenX: v128, givenY: v128): v128 {
  let c = v128.load(TABLE, 160);
  const x = f32x4.pmax(givenX, c);
  const y = f32x4.pmax(givenY, c);
  c = v128.load(TABLE, 0);
  const magic = v128.load(TABLE, 16);
  const shiftedX = f32x4.add(f32x4.mul(x, c), magic);
  const shiftedY = f32x4.add(f32x4.mul(y, c), magic);
  const nX = f32x4.sub(shiftedX, magic);
  const nY = f32x4.sub(shiftedY, magic);
  c = v128.load(TABLE, 32);
  let rX = multiplyAdd(nX, c, x);
  let rY = multiplyAdd(nY, c, y);
  c = v128.load(TABLE, 48);
  rX = multiplyAdd(nX, c, rX);
  rY = multiplyAdd(nY, c, rY);
  const squareX = f32x4.mul(rX, rX);
  const squareY = f32x4.mul(rY, rY);
  c = v128.load(TABLE, 64);
  let d = v128.load(TABLE, 80);
  let pX = multiplyAdd(c, rX, d);
  let pY = multiplyAdd(c, rY, d);
  c = v128.load(TABLE, 96);
  d = v128.load(TABLE, 112);
  pX = multiplyAdd(pX, squareX, multiplyAdd(c, rX, d));
  pY = multiplyAdd(pY, squareY, multiplyAdd(c, rY, d));
  c = v128.load(TABLE, 128);
  d = v128.load(TABLE, 144);
  pX = multiplyAdd(pX, squareX, multiplyAdd(c, rX, d));
  pY = multiplyAdd(pY, squareY, multiplyAdd(c, rY, d));
  c = v128.load(TABLE, 192);
  const eX = i32x4.add(multiplyAdd(pX, squareX, f32x4.add(rX, c)), i32x4.shl(shiftedX, 23));
  const eY = i32x4.add(multiplyAdd(pY, squareY, f32x4.add(rY, c)), i32x4.shl(shiftedY, 23));
  v128.store(to, eX);
  v128.store(to, eY, 16);
  return f32x4.add(eX, eY);
}
