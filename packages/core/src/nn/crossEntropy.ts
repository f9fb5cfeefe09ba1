import { differentiable } from '../tensor/autodiff.ts';
import { crossEntropyWithGradient } from '../tensor/fused/crossEntropy.ts';
import { mean, mul, type Tensor } from '../tensor/ops.ts';

/** Scalar: the mean over the rows of logits `[R, C]` of the cross-entropy with the class that `targets` `[R]` names. */
export function crossEntropy(logits: Tensor, targets: Int32Array): Tensor {
  return differentiable([logits], () => {
    const [rows, gradient] = crossEntropyWithGradient(logits, targets);
    return {
      value: mean(rows),
      saved: [gradient],
      gradient: (dy, [saved]) => [mul(saved, mul(dy, 1 / targets.length))],
    };
  });
}
