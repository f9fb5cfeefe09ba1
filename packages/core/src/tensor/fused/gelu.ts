import { gelu } from '../composed/gelu.ts';
import { geluLoop } from '../loops/gelu.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';

/** Exact GELU and its derivative, elementwise. */
export function geluWithDerivative(x: Tensor): readonly [Tensor, Tensor] {
  const shapes = [x.shape, x.shape] as const;
  return byBackend<readonly [Tensor, Tensor]>({
    murmur: (murmur) =>
      runKernel(murmur, [x], shapes, ([from], [y, d]) => murmur.kernels.gelu(from, y, d, x.size)),
    loops: () => runLoop([x], shapes, ([from], [y, d]) => geluLoop(from, y, d)),
    composed: () => gelu(x),
  });
}
