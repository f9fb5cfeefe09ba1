import { maskedPatchLoss } from '../composed/maskedPatchLoss.ts';
import { maskedPatchLossLoop } from '../loops/maskedPatchLoss.ts';
import type { Tensor } from '../ops.ts';
import { runLoop } from '../runLoop.ts';
import { byBackend } from './byBackend.ts';

/** Loss (a scalar), squared error of each patch `[B, N]`, and the gradient of the loss by the logits `[B, N, W]`. */
export function patchLossWithGradient(
  inputs: readonly [logits: Tensor, target: Tensor, mask: Tensor],
): readonly [Tensor, Tensor, Tensor] {
  const [logits, , mask] = inputs;
  const shapes = [[], mask.shape, logits.shape] as const;
  const loops = () => runLoop(inputs, shapes, maskedPatchLossLoop);
  return byBackend<readonly [Tensor, Tensor, Tensor]>({
    murmur: loops,
    loops,
    composed: () => maskedPatchLoss(...inputs),
  });
}
