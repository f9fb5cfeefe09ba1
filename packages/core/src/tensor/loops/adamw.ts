/** The numbers of one step: see `coefficientsAt` of `optim/adamw.ts`. */
export interface AdamwCoefficients {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** 1 − rate · decay, what decoupled decay leaves of a parameter. */
  readonly keep: number;
  /** rate / (1 − β₁ᵗ) */
  readonly stepSize: number;
  /** 1 / √(1 − β₂ᵗ) */
  readonly correction: number;
}

/** One step of AdamW in place; writes to every array but the gradients. */
export function adamwLoop(
  [params, grads, expAvg, expAvgSq]: readonly [Float32Array, Float32Array, Float32Array, Float32Array],
  { beta1, beta2, eps, keep, stepSize, correction }: AdamwCoefficients,
): void {
  for (let i = 0; i < params.length; i++) {
    const g = grads[i] as number;
    const m = beta1 * (expAvg[i] as number) + (1 - beta1) * g;
    const v = beta2 * (expAvgSq[i] as number) + (1 - beta2) * g * g;
    expAvg[i] = m;
    expAvgSq[i] = v;
    params[i] = (params[i] as number) * keep - (stepSize * m) / (Math.sqrt(v) * correction + eps);
  }
}
