/** Normalises each row of x `[R, D]`; `stats` `[R, 2]` gets its mean and 1/deviation. Variance biased, in two passes. */
export function layerNormLoop(
  [x, weight, bias]: readonly [Float32Array, Float32Array, Float32Array],
  [y, stats]: readonly [Float32Array, Float32Array],
  eps: number,
): void {
  const width = weight.length;
  for (let start = 0, row = 0; start < x.length; start += width, row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += x[start + i] as number;
    const mean = sum / width;
    let squares = 0;
    for (let i = 0; i < width; i++) squares += ((x[start + i] as number) - mean) ** 2;
    const inverse = 1 / Math.sqrt(squares / width + eps);
    for (let i = 0; i < width; i++) {
      y[start + i] =
        ((x[start + i] as number) - mean) * inverse * (weight[i] as number) + (bias[i] as number);
    }
    stats[2 * row] = mean;
    stats[2 * row + 1] = inverse;
  }
}

/** Gradients of `layerNormLoop` by x, weight and bias, given dy `[R, D]` (Ba et al. 2016). */
export function layerNormGradLoop(
  [dy, x, weight, stats]: readonly [Float32Array, Float32Array, Float32Array, Float32Array],
  [dx, dWeight, dBias]: readonly [Float32Array, Float32Array, Float32Array],
): void {
  const width = weight.length;
  dWeight.fill(0);
  dBias.fill(0);
  for (let start = 0, row = 0; start < x.length; start += width, row++) {
    const mean = stats[2 * row] as number;
    const inverse = stats[2 * row + 1] as number;
    let sum = 0;
    let product = 0;
    for (let i = 0; i < width; i++) {
      const g = dy[start + i] as number;
      const normal = ((x[start + i] as number) - mean) * inverse;
      dBias[i] = (dBias[i] as number) + g;
      dWeight[i] = (dWeight[i] as number) + g * normal;
      sum += g * (weight[i] as number);
      product += g * (weight[i] as number) * normal;
    }
    for (let i = 0; i < width; i++) {
      const normal = ((x[start + i] as number) - mean) * inverse;
      dx[start + i] =
        inverse * ((dy[start + i] as number) * (weight[i] as number) - (sum + normal * product) / width);
    }
  }
}
