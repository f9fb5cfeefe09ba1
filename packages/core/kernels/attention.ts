// Scaled dot-product attention over a packed [B, T, 3·D] of queries, keys and values, head by head (Vaswani et al. 2017).
import { exponential, exponentialPair } from './exponential';
import { packB } from './packing';
import { productPacked } from './product';
import { ROWS } from './tiles';
import { lanesMax, lanesSum, multiplyAdd } from './vectors';

// @ts-ignore: decorator
@inline
function ceil4(n: i32): i32 {
  return (n + 3) & ~3;
}

/** Lanes 0 to n of a vector, for n from 0 to 3. */
// prettier-ignore
const MASKS = memory.data<i32>([
  0, 0, 0, 0,
  -1, 0, 0, 0,
  -1, -1, 0, 0,
  -1, -1, -1, 0,
]);

/** Puts `value` in place of all of a row after its first `seen`; in whole vectors, which the next load can have at once. */
// @ts-ignore: decorator
@inline
function fillRest(row: usize, seen: i32, padded: i32, value: v128): void {
  const end = row + (<usize>padded << 2);
  let p = row + (<usize>(seen & ~3) << 2);
  if (seen & 3) {
    v128.store(p, v128.bitselect(v128.load(p), value, v128.load(MASKS + (<usize>(seen & 3) << 4))));
    p += 16;
  }
  for (; p < end; p += 16) v128.store(p, value);
}

/** Softmax of a row of `padded` scores over its first `seen`; the others get 0. */
function softmaxRow(row: usize, seen: i32, padded: i32): void {
  const end = row + (<usize>padded << 2);
  fillRest(row, seen, padded, f32x4.splat(-Infinity));
  let highest = v128.load(row);
  for (let p = row + 16; p < end; p += 16) highest = f32x4.pmax(highest, v128.load(p));
  const largest = f32x4.splat(lanesMax(highest));
  let sums = f32x4.splat(0);
  let p = row;
  for (; p + 32 <= end; p += 32) {
    const pair = exponentialPair(p, f32x4.sub(v128.load(p), largest), f32x4.sub(v128.load(p, 16), largest));
    sums = f32x4.add(sums, pair); // e^−87 of what is not seen is lost beside the row's largest, which is 1
  }
  if (p < end) {
    const e = exponential(f32x4.sub(v128.load(p), largest));
    v128.store(p, e);
    sums = f32x4.add(sums, e);
  }
  const factor = f32x4.splat(<f32>1 / lanesSum(sums));
  fillRest(row, seen, padded, f32x4.splat(0)); // before the product, which would be slow and not a normal number
  for (p = row; p < end; p += 16) v128.store(p, f32x4.mul(v128.load(p), factor));
}

/**
 * Fills `out` `[B, T, D]` and `probabilities` `[B, heads, T, ceil4(T)]`, padded with zeros, from `qkv`. Scratch holds
 * `ceil8(T) · dh` values.
 */
export function attention(
  qkv: usize, out: usize, probabilities: usize, batch: i32, tokens: i32, heads: i32, channels: i32, causal: bool,
  scratch: usize,
): void {
  const width = heads * channels;
  const stride = 3 * width;
  const row = <usize>stride << 2;
  const padded = ceil4(tokens);
  const scoreRow = <usize>padded << 2;
  const third = <usize>width << 2;
  const panel = <usize>channels << 5;
  const scale: f32 = 1 / sqrt<f32>(<f32>channels);
  for (let index = 0; index < batch * heads; index++) {
    const b = index / heads;
    const head = <usize>((index - b * heads) * channels) << 2;
    const q = qkv + <usize>(b * tokens) * row + head;
    const k = q + third;
    const v = k + third;
    const p = probabilities + <usize>(index * tokens) * scoreRow;
    packB(k, 1, stride, channels, tokens, scratch, scale);
    // Panels are whole, so all of a padded row may be written.
    productPacked(q, row, <usize>ROWS * row, false, scratch, 32, panel, tokens, padded, channels, p, scoreRow, 0, 0);
    for (let t = 0; t < tokens; t++) softmaxRow(p + <usize>t * scoreRow, causal ? t + 1 : tokens, padded);
    const to = out + (<usize>(b * tokens) * <usize>width << 2) + head;
    productPacked(p, scoreRow, <usize>ROWS * scoreRow, false, v, row, 32, tokens, channels, tokens, to, <usize>width << 2, 0, 0);
  }
}

/** `dp` becomes the gradient of the scores, `scale · p · (dp − Σ p·dp)`. */
function softmaxRowGradient(p: usize, dp: usize, padded: i32, scale: f32): void {
  const bytes = <usize>padded << 2;
  let sums = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) sums = multiplyAdd(v128.load(p + i), v128.load(dp + i), sums);
  const sum = f32x4.splat(lanesSum(sums));
  const factor = f32x4.splat(scale);
  for (let i: usize = 0; i < bytes; i += 16) {
    const rest = f32x4.sub(v128.load(dp + i), sum);
    v128.store(dp + i, f32x4.mul(f32x4.mul(v128.load(p + i), rest), factor));
  }
}

/**
 * Fills `dQkv` from `dOut` and what the forward pass read and wrote. Scratch holds
 * `T · ceil4(T) + ceil8(T) · dh` values.
 */
export function attentionGradient(
  dOut: usize, qkv: usize, probabilities: usize, dQkv: usize, batch: i32, tokens: i32, heads: i32, channels: i32,
  scratch: usize,
): void {
  const width = heads * channels;
  const stride = 3 * width;
  const row = <usize>stride << 2;
  const outRow = <usize>width << 2;
  const padded = ceil4(tokens);
  const scoreRow = <usize>padded << 2;
  const third = <usize>width << 2;
  const panel = <usize>channels << 5;
  const scale: f32 = 1 / sqrt<f32>(<f32>channels);
  const ds = scratch;
  const packed = scratch + <usize>tokens * scoreRow;
  memory.fill(ds, 0, <usize>tokens * scoreRow);
  for (let index = 0; index < batch * heads; index++) {
    const b = index / heads;
    const head = <usize>((index - b * heads) * channels) << 2;
    const q = qkv + <usize>(b * tokens) * row + head;
    const dq = dQkv + <usize>(b * tokens) * row + head;
    const g = dOut + <usize>(b * tokens) * outRow + head;
    const p = probabilities + <usize>(index * tokens) * scoreRow;
    productPacked(p, scoreRow, ROWS * 4, true, g, outRow, 32, tokens, channels, tokens, dq + 2 * third, row, 0, 0); // dV = Pᵀ · dOut
    packB(q + 2 * third, 1, stride, channels, tokens, packed, 1);
    productPacked(g, outRow, <usize>ROWS * outRow, false, packed, 32, panel, tokens, padded, channels, ds, scoreRow, 0, 0); // dP = dOut · Vᵀ
    for (let t: usize = 0; t < <usize>tokens; t++) {
      softmaxRowGradient(p + t * scoreRow, ds + t * scoreRow, padded, scale);
    }
    productPacked(ds, scoreRow, <usize>ROWS * scoreRow, false, q + third, row, 32, tokens, channels, tokens, dq, row, 0, 0); // dQ = dS · K
    productPacked(ds, scoreRow, ROWS * 4, true, q, row, 32, tokens, channels, tokens, dq + third, row, 0, 0); // dK = dSᵀ · Q
  }
}
