import { lastOf, reshape, tensorOf, type Tensor } from '../tensor/ops.ts';
import { maskedPatchLoss } from './maskedPatchLoss.ts';

/** Scalar: the mean over all values of `prediction` and `target`, both `[…, W]`, of their squared difference. The target has no gradient. */
export function meanSquaredError(prediction: Tensor, target: Tensor): Tensor {
  const width = lastOf(prediction);
  const count = prediction.size / width;
  const [got, wanted] = [prediction, target].map((x) => reshape(x, [count, width])) as [Tensor, Tensor];
  const everyRow = tensorOf(new Float32Array(count).fill(1), [count]);
  return maskedPatchLoss(got, wanted, everyRow).loss;
}
