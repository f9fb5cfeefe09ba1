import { differentiable } from '../tensor/autodiff.ts';
import { crossEntropyWithGradient } from '../tensor/fused/crossEntropy.ts';
import { mean, mul, tensorOf, type Tensor } from '../tensor/ops.ts';

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

/** `crossEntropy` with each row's share multiplied by its weight in `weights` `[R]`; divided by R all the same. */
export function weightedCrossEntropy(logits: Tensor, targets: Int32Array, weights: Float32Array): Tensor {
  return differentiable([logits], () => {
    const [rows, gradient] = crossEntropyWithGradient(logits, targets);
    const weight = tensorOf(weights, [weights.length, 1]);
    return {
      value: mean(mul(rows, tensorOf(weights, [weights.length]))),
      saved: [gradient, weight],
      gradient: (dy, [saved, share]) => [mul(saved, mul(share, mul(dy, 1 / targets.length)))],
    };
  });
}
