import { elementCount, type ParamSchema } from '../tensor/params.ts';

/** AdamW's moments over a flat parameter vector (Loshchilov and Hutter 2019). */
export interface AdamwState {
  readonly expAvg: Float32Array;
  readonly expAvgSq: Float32Array;
  readonly step: number;
}

/** Values [start, end) of the vector, with their decoupled weight decay. */
export interface DecayRange {
  readonly start: number;
  readonly end: number;
  readonly weightDecay: number;
}

export interface AdamwOptions {
  readonly learningRate: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  readonly decay: readonly DecayRange[];
}

/** The betas of MAE's published recipe (He et al. 2022, table 8). */
export const maeAdamw = { betas: [0.9, 0.95], eps: 1e-8, weightDecay: 0.05 } as const;

export const adamwInit = (size: number): AdamwState => ({
  expAvg: new Float32Array(size),
  expAvgSq: new Float32Array(size),
  step: 0,
});

/** Decay on matrices only: not on biases, norms and tokens (whose first axis is 1). */
export function decayRanges(schema: ParamSchema, weightDecay: number): DecayRange[] {
  let start = 0;
  return schema.map(({ shape }) => {
    const end = start + elementCount(shape);
    const range = { start, end, weightDecay: shape.length > 1 && (shape[0] ?? 1) > 1 ? weightDecay : 0 };
    start = end;
    return range;
  });
}

/**
 * One step as `torch.optim.AdamW` does it: decoupled decay first, eps outside the square root, moments corrected for
 * their start at zero. Consumes `state` and `params`: their arrays are updated in place, as a copy of the moments each
 * step would cost more than the step.
 */
export function adamwUpdate(
  state: AdamwState,
  params: Float32Array,
  grads: Float32Array,
  { learningRate, betas, eps, decay }: AdamwOptions,
): AdamwState {
  const [beta1, beta2] = betas;
  const { expAvg, expAvgSq } = state;
  const step = state.step + 1;
  const stepSize = learningRate / (1 - beta1 ** step);
  const correction = 1 / Math.sqrt(1 - beta2 ** step);
  for (const { start, end, weightDecay } of decay) {
    const keep = 1 - learningRate * weightDecay;
    for (let i = start; i < end; i++) {
      const g = grads[i] as number;
      const m = beta1 * (expAvg[i] as number) + (1 - beta1) * g;
      const v = beta2 * (expAvgSq[i] as number) + (1 - beta2) * g * g;
      expAvg[i] = m;
      expAvgSq[i] = v;
      params[i] = (params[i] as number) * keep - (stepSize * m) / (Math.sqrt(v) * correction + eps);
    }
  }
  return { expAvg, expAvgSq, step };
}
