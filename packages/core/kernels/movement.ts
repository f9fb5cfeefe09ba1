/** Copies into `to` `[n0, n1, n2, n3]` from an array whose steps along these axes are given in values. */
export function strided(
  from: usize, to: usize, n0: i32, n1: i32, n2: i32, n3: i32, s0: i32, s1: i32, s2: i32, s3: i32,
): void {
  const bytes = <usize>n3 << 2;
  const step = <usize>s3 << 2;
  for (let i = 0; i < n0; i++) {
    for (let j = 0; j < n1; j++) {
      for (let k = 0; k < n2; k++, to += bytes) {
        let x = from + (<usize>(i * s0 + j * s1 + k * s2) << 2);
        if (s3 == 1) memory.copy(to, x, bytes);
        else for (let t = to; t < to + bytes; t += 4, x += step) store<f32>(t, load<f32>(x));
      }
    }
  }
}

/** `to[s] = from[index[s]]` for `count` rows of `width` values; `index` is int32. */
export function gatherRows(from: usize, index: usize, to: usize, count: i32, width: i32): void {
  const bytes = <usize>width << 2;
  for (let s = 0; s < count; s++, index += 4, to += bytes) {
    const row = from + <usize>load<i32>(index) * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(to + i, v128.load(row + i));
    for (; i < bytes; i += 4) store<f32>(to + i, load<f32>(row + i));
  }
}

/** The gradient of `gatherRows`: `to[index[s]] += from[s]` over `rows` rows that start at zero. Indices outside are left out. */
export function scatterRows(from: usize, index: usize, to: usize, count: i32, width: i32, rows: i32): void {
  const bytes = <usize>width << 2;
  memory.fill(to, 0, <usize>rows * bytes);
  for (let s = 0; s < count; s++, index += 4, from += bytes) {
    const at = load<i32>(index);
    if (<u32>at >= <u32>rows) continue;
    const row = to + <usize>at * bytes;
    let i: usize = 0;
    for (; i + 16 <= bytes; i += 16) v128.store(row + i, f32x4.add(v128.load(row + i), v128.load(from + i)));
    for (; i < bytes; i += 4) store<f32>(row + i, load<f32>(row + i) + load<f32>(from + i));
  }
}
