import { adamw } from '../composed/adamw.ts';
import { adamwLoop, type AdamwCoefficients } from '../loops/adamw.ts';
import { dispose, type Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import type { MurmurBackend } from '../simd/murmurBackend.ts';
import { byBackend } from './byBackend.ts';

export type AdamwTensors = readonly [param: Tensor, grad: Tensor, expAvg: Tensor, expAvgSq: Tensor];

/** In place. */
function stepOnMurmur(
  murmur: MurmurBackend,
  tensors: AdamwTensors,
  { beta1, beta2, eps, keep, stepSize, correction }: AdamwCoefficients,
): void {
  const [p, g, m, v] = tensors.map((tensor) => murmur.pointer(tensor)) as [number, number, number, number];
  const { size } = tensors[0];
  const moments = [beta1, 1 - beta1, beta2, 1 - beta2] as const;
  murmur.kernels.adamw(p, g, m, v, size, ...moments, eps, keep, stepSize, correction);
}

/**
 * One step of AdamW. Consumes the parameter and its moments: what is returned, the same tensors updated in place where the
 * backend lets us, takes their place.
 */
export function adamwStep(
  tensors: AdamwTensors,
  coefficients: AdamwCoefficients,
): readonly [param: Tensor, expAvg: Tensor, expAvgSq: Tensor] {
  const [param, , expAvg, expAvgSq] = tensors;
  return byBackend<readonly [Tensor, Tensor, Tensor]>({
    murmur: (murmur) => {
      stepOnMurmur(murmur, tensors, coefficients);
      return [param, expAvg, expAvgSq];
    },
    loops: () => {
      runLoop(tensors, [], (views) => adamwLoop(views, coefficients));
      return [param, expAvg, expAvgSq];
    },
    composed: () => {
      const stepped = adamw(tensors, coefficients);
      dispose([param, expAvg, expAvgSq]);
      return stepped;
    },
  });
}
