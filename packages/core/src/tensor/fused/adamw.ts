import { adamwLoop, type AdamwCoefficients } from '../loops/adamw.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { runningMurmur } from '../simd/startMurmur.ts';

export type AdamwTensors = readonly [param: Tensor, grad: Tensor, expAvg: Tensor, expAvgSq: Tensor];

/**
 * One step of AdamW. Consumes the parameter and its moments: what is returned, the same tensors updated in place where the
 * backend lets us, takes their place.
 */
export function adamwStep(
  tensors: AdamwTensors,
  coefficients: AdamwCoefficients,
): readonly [param: Tensor, expAvg: Tensor, expAvgSq: Tensor] {
  const [param, , expAvg, expAvgSq] = tensors;
  const murmur = runningMurmur();
  if (murmur === undefined) {
    runLoop(tensors, [], (views) => adamwLoop(views, coefficients));
  } else {
    const [p, g, m, v] = tensors.map((tensor) => murmur.pointer(tensor)) as [number, number, number, number];
    const { beta1, beta2, eps, keep, stepSize, correction } = coefficients;
    murmur.kernels.adamw(
      p,
      g,
      m,
      v,
      param.size,
      beta1,
      1 - beta1,
      beta2,
      1 - beta2,
      eps,
      keep,
      stepSize,
      correction,
    );
  }
  return [param, expAvg, expAvgSq];
}
