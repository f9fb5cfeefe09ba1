import { exponential } from './exponential';
import { lanesMax, lanesSum } from './vectors';

/** Values that are added up in float32 before the sum goes on in float64. */
const SUM_BYTES: usize = 1024;

function sumRow(x: usize, end: usize): f32 {
  let total: f64 = 0;
  while (x + 16 <= end) {
    const stop = min(end, x + SUM_BYTES);
    let sums = f32x4.splat(0);
    for (; x + 16 <= stop; x += 16) sums = f32x4.add(sums, v128.load(x));
    total += <f64>lanesSum(sums);
  }
  for (; x < end; x += 4) total += <f64>load<f32>(x);
  return <f32>total;
}

/** Largest of a row: NaN, where there is one, unless `fast`. */
// @ts-ignore: decorator
@inline
function maxRow(x: usize, end: usize, fast: bool): f32 {
  let most: f32 = -Infinity;
  if (x + 16 <= end) {
    let highest = v128.load(x);
    for (x += 16; x + 16 <= end; x += 16) {
      // the one that minds NaN takes eight instructions
      highest = fast ? f32x4.pmax(highest, v128.load(x)) : f32x4.max(highest, v128.load(x));
    }
    most = fast ? lanesMax(highest) : lanesMaxOrNaN(highest);
  }
  for (; x < end; x += 4) most = max<f32>(most, load<f32>(x));
  return most;
}

function lanesMaxOrNaN(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** x `[rows, width]` → out `[rows]`: sums, or with `operation` 1 the largest values. */
export function reduceRows(operation: i32, x: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let row = 0; row < rows; row++, x += bytes, out += 4) {
    store<f32>(out, operation == 0 ? sumRow(x, x + bytes) : maxRow(x, x + bytes, false));
  }
}

/** Sums over the middle axis: x `[outer, count, inner]` → out `[outer, inner]`. */
export function sumMiddle(x: usize, out: usize, outer: i32, count: i32, inner: i32): void {
  const bytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++, out += bytes) {
    memory.fill(out, 0, bytes);
    for (let j = 0; j < count; j++, x += bytes) {
      let i: usize = 0;
      for (; i + 16 <= bytes; i += 16) v128.store(out + i, f32x4.add(v128.load(out + i), v128.load(x + i)));
      for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(out + i) + load<f32>(x + i));
    }
  }
}

/** `e^(x − shift)` of a row, which may be x itself; returns the sum. */
function exponentials(x: usize, out: usize, bytes: usize, shift: f32): f32 {
  const shifts = f32x4.splat(shift);
  let sums = f32x4.splat(0);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const e = exponential(f32x4.sub(v128.load(x + i), shifts));
    v128.store(out + i, e);
    sums = f32x4.add(sums, e);
  }
  let sum = lanesSum(sums);
  for (; i < bytes; i += 4) {
    const e = f32x4.extract_lane(exponential(f32x4.splat(load<f32>(x + i) - shift)), 0);
    store<f32>(out + i, e);
    sum += e;
  }
  return sum;
}

function scale(out: usize, bytes: usize, factor: f32): void {
  const factors = f32x4.splat(factor);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, f32x4.mul(v128.load(out + i), factors));
  for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(out + i) * factor);
}

/** Softmax of each row of x `[rows, width]`. */
export function softmax(x: usize, out: usize, rows: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let row = 0; row < rows; row++, x += bytes, out += bytes) {
    scale(out, bytes, <f32>1 / exponentials(x, out, bytes, maxRow(x, x + bytes, true)));
  }
}

/**
 * Cross-entropy of each row of logits `[rows, width]` with the class that `targets` (int32) names for it: `sums` `[rows]` gets
 * Σ e^(x − max), `rest` `[rows]` max − x[target], so that the loss is log(sums) + rest; `gradient` the gradient by the logits of
 * the rows' sum: softmax, less one at the target.
 */
export function crossEntropy(
  logits: usize, targets: usize, sums: usize, rest: usize, gradient: usize, rows: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  for (let row = 0; row < rows; row++, logits += bytes, gradient += bytes, targets += 4, sums += 4, rest += 4) {
    const target = <usize>load<i32>(targets) << 2;
    const most = maxRow(logits, logits + bytes, true);
    const sum = exponentials(logits, gradient, bytes, most);
    scale(gradient, bytes, <f32>1 / sum);
    store<f32>(gradient + target, load<f32>(gradient + target) - 1);
    store<f32>(sums, sum);
    store<f32>(rest, most - load<f32>(logits + target));
  }
}
