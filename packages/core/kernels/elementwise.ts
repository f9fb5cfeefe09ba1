/**
 * `out = a ∘ b` for blocks of `count` values: `operation` 0 adds, 1 subtracts, 2 multiplies. After each of `blocks`
 * blocks a and b move on by their steps (in values; 0 repeats a block). A `count` of one value of b is spread.
 */
export function binary(
  operation: i32, a: usize, b: usize, out: usize, count: i32, blocks: i32, aStep: i32, bStep: i32,
): void {
  const bytes = <usize>count << 2;
  const blocked = bytes & ~15;
  for (let block = 0; block < blocks; block++) {
    let i: usize = 0;
    if (operation == 0) {
      for (; i < blocked; i += 16) v128.store(out + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
      for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(a + i) + load<f32>(b + i));
    } else if (operation == 1) {
      for (; i < blocked; i += 16) v128.store(out + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
      for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(a + i) - load<f32>(b + i));
    } else {
      for (; i < blocked; i += 16) v128.store(out + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
      for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(a + i) * load<f32>(b + i));
    }
    out += bytes;
    a += <usize>aStep << 2;
    b += <usize>bStep << 2;
  }
}

/** `out = a · factor + offset`. */
export function affine(a: usize, out: usize, count: i32, factor: f32, offset: f32): void {
  const bytes = <usize>count << 2;
  const factors = f32x4.splat(factor);
  const offsets = f32x4.splat(offset);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) v128.store(out + i, f32x4.add(f32x4.mul(v128.load(a + i), factors), offsets));
  for (; i < bytes; i += 4) store<f32>(out + i, load<f32>(a + i) * factor + offset);
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
