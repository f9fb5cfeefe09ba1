import { differentiable } from '../tensor/autodiff.ts';
import { patchLossWithGradient } from '../tensor/fused/maskedPatchLoss.ts';
import { mul, type Tensor } from '../tensor/ops.ts';

export interface PatchLoss {
  /** Scalar. */
  readonly loss: Tensor;
  /** `[B, N]`, without a gradient. */
  readonly perPatchLoss: Tensor;
}

/** Mean squared error over the pixels of each patch, then over the removed ones (mask 1): He et al. 2022, `forward_loss`. */
export function maskedPatchLoss(logits: Tensor, target: Tensor, mask: Tensor): PatchLoss {
  const [value, perPatchLoss, gradient] = patchLossWithGradient([logits, target, mask]);
  const loss = differentiable([logits], () => ({
    value: value.clone(),
    saved: [gradient],
    gradient: (dy, [saved]) => [mul(saved, dy)],
  }));
  return { loss, perPatchLoss };
}
