import { lanesSum, multiplyAdd } from './vectors';

/** Normalises each of `rows` rows of x `[R, D]`; `stats` `[R, 2]` gets mean and 1/deviation. Two passes, biased variance. */
export function layerNorm(
  x: usize, weight: usize, bias: usize, y: usize, stats: usize, rows: i32, width: i32, eps: f32,
): void {
  const bytes = <usize>width << 2;
  const blocked = bytes & ~15;
  for (let row = 0; row < rows; row++, x += bytes, y += bytes, stats += 8) {
    let sums = f32x4.splat(0);
    let i: usize = 0;
    for (; i < blocked; i += 16) sums = f32x4.add(sums, v128.load(x + i));
    let sum = lanesSum(sums);
    for (; i < bytes; i += 4) sum += load<f32>(x + i);
    const mean = sum / <f32>width;
    const means = f32x4.splat(mean);
    sums = f32x4.splat(0);
    for (i = 0; i < blocked; i += 16) {
      const d = f32x4.sub(v128.load(x + i), means);
      sums = multiplyAdd(d, d, sums);
    }
    sum = lanesSum(sums);
    for (; i < bytes; i += 4) {
      const d = load<f32>(x + i) - mean;
      sum += d * d;
    }
    const inverse: f32 = 1 / sqrt<f32>(sum / <f32>width + eps);
    const inverses = f32x4.splat(inverse);
    for (i = 0; i < blocked; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      v128.store(y + i, multiplyAdd(normal, v128.load(weight + i), v128.load(bias + i)));
    }
    for (; i < bytes; i += 4) {
      store<f32>(y + i, (load<f32>(x + i) - mean) * inverse * load<f32>(weight + i) + load<f32>(bias + i));
    }
    store<f32>(stats, mean);
    store<f32>(stats, inverse, 4);
  }
}

/** Gradients of `layerNorm` by x, weight and bias, given dy `[R, D]` (Ba et al. 2016). */
export function layerNormGradient(
  dy: usize, x: usize, weight: usize, stats: usize, dx: usize, dWeight: usize, dBias: usize, rows: i32, width: i32,
): void {
  const bytes = <usize>width << 2;
  const blocked = bytes & ~15;
  memory.fill(dWeight, 0, bytes);
  memory.fill(dBias, 0, bytes);
  for (let row = 0; row < rows; row++, x += bytes, dx += bytes, dy += bytes, stats += 8) {
    const mean = load<f32>(stats);
    const inverse = load<f32>(stats, 4);
    const means = f32x4.splat(mean);
    const inverses = f32x4.splat(inverse);
    let sums = f32x4.splat(0);
    let products = f32x4.splat(0);
    let i: usize = 0;
    for (; i < blocked; i += 16) {
      const g = v128.load(dy + i);
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      v128.store(dBias + i, f32x4.add(v128.load(dBias + i), g));
      v128.store(dWeight + i, multiplyAdd(g, normal, v128.load(dWeight + i)));
      const scaled = f32x4.mul(g, v128.load(weight + i));
      sums = f32x4.add(sums, scaled);
      products = multiplyAdd(scaled, normal, products);
    }
    let sum = lanesSum(sums);
    let product = lanesSum(products);
    for (; i < bytes; i += 4) {
      const g = load<f32>(dy + i);
      const normal = (load<f32>(x + i) - mean) * inverse;
      store<f32>(dBias + i, load<f32>(dBias + i) + g);
      store<f32>(dWeight + i, load<f32>(dWeight + i) + g * normal);
      sum += g * load<f32>(weight + i);
      product += g * load<f32>(weight + i) * normal;
    }
    sum /= <f32>width;
    product /= <f32>width;
    const sumLanes = f32x4.splat(sum);
    const productLanes = f32x4.splat(product);
    for (i = 0; i < blocked; i += 16) {
      const normal = f32x4.mul(f32x4.sub(v128.load(x + i), means), inverses);
      const scaled = f32x4.mul(v128.load(dy + i), v128.load(weight + i));
      const rest = f32x4.sub(f32x4.sub(scaled, sumLanes), f32x4.mul(normal, productLanes));
      v128.store(dx + i, f32x4.mul(rest, inverses));
    }
    for (; i < bytes; i += 4) {
      const normal = (load<f32>(x + i) - mean) * inverse;
      store<f32>(dx + i, inverse * (load<f32>(dy + i) * load<f32>(weight + i) - sum - normal * product));
    }
  }
}
