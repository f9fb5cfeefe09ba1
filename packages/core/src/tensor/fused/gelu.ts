import { geluLoop } from '../loops/gelu.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { runKernel } from '../simd/runKernel.ts';
import { runningMurmur } from '../simd/startMurmur.ts';

/** Exact GELU and its derivative, elementwise. */
export function geluWithDerivative(x: Tensor): readonly [Tensor, Tensor] {
  const murmur = runningMurmur();
  const shapes = [x.shape, x.shape] as const;
  if (murmur === undefined) return runLoop([x], shapes, ([from], [y, d]) => geluLoop(from, y, d));
  return runKernel(murmur, [x], shapes, ([from], [y, d]) => murmur.kernels.gelu(from, y, d, x.size));
}
