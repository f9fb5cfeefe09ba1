import { differentiable } from '../tensor/autodiff.ts';
import type { Tensor } from '../tensor/ops.ts';
import { runLoop } from '../tensor/runLoop.ts';

/** Squared errors averaged over each patch, and their gradient by the prediction before the mask's weight. */
function errorLoop(
  [logits, target, mask]: readonly [Float32Array, Float32Array, Float32Array],
  [loss, perPatch, gradient]: readonly [Float32Array, Float32Array, Float32Array],
): void {
  const width = logits.length / mask.length;
  let removed = 0;
  for (const m of mask) removed += m;
  let total = 0;
  for (let patch = 0; patch < mask.length; patch++) {
    const weight = (mask[patch] as number) / removed;
    let squares = 0;
    for (let i = patch * width; i < (patch + 1) * width; i++) {
      const error = (logits[i] as number) - (target[i] as number);
      squares += error * error;
      gradient[i] = (2 / width) * error * weight;
    }
    perPatch[patch] = squares / width;
    total += (squares / width) * weight;
  }
  loss[0] = total;
}

export interface PatchLoss {
  /** Scalar. */
  readonly loss: Tensor;
  /** `[B, N]`, without a gradient. */
  readonly perPatchLoss: Tensor;
}

/** Mean squared error over the pixels of each patch, then over the removed ones (mask 1): He et al. 2022, `forward_loss`. */
export function maskedPatchLoss(logits: Tensor, target: Tensor, mask: Tensor): PatchLoss {
  const [value, perPatchLoss, gradient] = runLoop(
    [logits, target, mask],
    [[], mask.shape, logits.shape],
    errorLoop,
  );
  const loss = differentiable([logits], () => ({
    value: value.clone(),
    saved: [gradient],
    gradient: (dy, [saved]) => [saved.mul(dy)],
  }));
  return { loss, perPatchLoss };
}
