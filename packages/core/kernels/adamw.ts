/**
 * One step of AdamW (Loshchilov and Hutter 2019) in place over `count` values, as `torch.optim.AdamW` does it: `fresh` is 1 − β (rounded
 * once: float32 has no digits to spare there), `keep` 1 − rate · decay, `stepSize` rate / (1 − β₁ᵗ), `correction` 1 / √(1 − β₂ᵗ).
 */
export function adamw(
  params: usize, grads: usize, expAvg: usize, expAvgSq: usize, count: i32,
  beta1: f32, fresh1: f32, beta2: f32, fresh2: f32, eps: f32, keep: f32, stepSize: f32, correction: f32,
): void {
  const bytes = <usize>count << 2;
  const b1 = f32x4.splat(beta1);
  const rest1 = f32x4.splat(fresh1);
  const b2 = f32x4.splat(beta2);
  const rest2 = f32x4.splat(fresh2);
  const epsilons = f32x4.splat(eps);
  const keeps = f32x4.splat(keep);
  const sizes = f32x4.splat(stepSize);
  const corrections = f32x4.splat(correction);
  let i: usize = 0;
  for (; i + 16 <= bytes; i += 16) {
    const g = v128.load(grads + i);
    const m = f32x4.add(f32x4.mul(b1, v128.load(expAvg + i)), f32x4.mul(rest1, g));
    const v = f32x4.add(f32x4.mul(b2, v128.load(expAvgSq + i)), f32x4.mul(f32x4.mul(rest2, g), g));
    v128.store(expAvg + i, m);
    v128.store(expAvgSq + i, v);
    const below = f32x4.add(f32x4.mul(f32x4.sqrt(v), corrections), epsilons);
    const change = f32x4.div(f32x4.mul(sizes, m), below);
    v128.store(params + i, f32x4.sub(f32x4.mul(v128.load(params + i), keeps), change));
  }
  for (; i < bytes; i += 4) {
    const g = load<f32>(grads + i);
    const m = beta1 * load<f32>(expAvg + i) + fresh1 * g;
    const v = beta2 * load<f32>(expAvgSq + i) + fresh2 * g * g;
    store<f32>(expAvg + i, m);
    store<f32>(expAvgSq + i, v);
    const change = (stepSize * m) / (sqrt<f32>(v) * correction + eps);
    store<f32>(params + i, load<f32>(params + i) * keep - change);
  }
}
