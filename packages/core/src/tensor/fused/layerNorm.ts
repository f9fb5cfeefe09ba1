import { layerNorm, layerNormGradient } from '../composed/layerNorm.ts';
import { layerNormGradLoop, layerNormLoop } from '../loops/layerNorm.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { runKernel } from '../simd/runKernel.ts';
import { byBackend } from './byBackend.ts';

/** Normalised x `[…, D]`, and `[R, 2]` of each row's mean and 1/deviation, which the gradient needs. */
export function layerNormForward(
  inputs: readonly [x: Tensor, weight: Tensor, bias: Tensor],
  eps: number,
): readonly [Tensor, Tensor] {
  const [{ shape, size }, { size: width }] = inputs;
  const rows = size / width;
  const shapes = [shape, [rows, 2]] as const;
  return byBackend<readonly [Tensor, Tensor]>({
    murmur: (murmur) =>
      runKernel(murmur, inputs, shapes, (from, to) =>
        murmur.kernels.layerNorm(...from, ...to, rows, width, eps),
      ),
    loops: () => runLoop(inputs, shapes, (from, to) => layerNormLoop(from, to, eps)),
    composed: () => layerNorm(...inputs, eps),
  });
}

/** Gradients by x, weight and bias. */
export function layerNormBackward(
  inputs: readonly [dy: Tensor, x: Tensor, weight: Tensor, stats: Tensor],
): readonly [Tensor, Tensor, Tensor] {
  const [, x, { size: width, shape }] = inputs;
  const shapes = [x.shape, shape, shape] as const;
  return byBackend<readonly [Tensor, Tensor, Tensor]>({
    murmur: (murmur) =>
      runKernel(murmur, inputs, shapes, (from, to) =>
        murmur.kernels.layerNormGradient(...from, ...to, x.size / width, width),
      ),
    loops: () => runLoop(inputs, shapes, layerNormGradLoop),
    composed: () => layerNormGradient(...inputs),
  });
}
