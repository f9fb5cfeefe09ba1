import { describe, expect, it } from 'vitest';
import { key, normal } from '../random/key.ts';
import { valueAndGradients } from '../tensor/autodiff.ts';
import { startBackend } from '../tensor/backend.ts';
import { freeing, tensorOf, valuesOf } from '../tensor/ops.ts';
import { maskedPatchLoss } from './maskedPatchLoss.ts';

const [B, N, W] = [2, 5, 7] as const;
const SHAPE = [B, N, W] as const;
const logits = normal(key(1), B * N * W);
const target = normal(key(2), B * N * W);
const mask = Float32Array.of(1, 0, 1, 1, 0, 0, 1, 1, 0, 1);

/** Squared error of each patch, and `(loss * mask).sum() / mask.sum()`: He et al. 2022, `forward_loss`, in double precision. */
function published(prediction: ArrayLike<number>): { loss: number; perPatch: number[] } {
  const perPatch = Array.from({ length: B * N }, (_, patch) => {
    let squares = 0;
    for (let i = 0; i < W; i++)
      squares += ((prediction[patch * W + i] as number) - (target[patch * W + i] as number)) ** 2;
    return squares / W;
  });
  const removed = mask.reduce((a, b) => a + b);
  return { loss: perPatch.reduce((total, v, n) => total + v * (mask[n] as number), 0) / removed, perPatch };
}

describe.each(['cpu', 'murmur'] as const)('the loss of masked patches on %s', (backend) => {
  it('is that of the published code, and so is its slope', async () => {
    await startBackend({ backend });
    const { loss, perPatch, gradient } = freeing(() => {
      const x = tensorOf(logits, SHAPE);
      const work = () => maskedPatchLoss(x, tensorOf(target, SHAPE), tensorOf(mask, [B, N]));
      const { value, gradients } = valueAndGradients(
        () => work().loss,
        [x],
        tensorOf(Float32Array.of(3), []),
      );
      return {
        loss: valuesOf(value)[0],
        perPatch: [...valuesOf(work().perPatchLoss)],
        gradient: valuesOf(gradients[0] ?? x).slice(),
      };
    });
    const expected = published(logits);
    expect(loss).toBeCloseTo(expected.loss, 5);
    perPatch.forEach((value, n) => expect(value).toBeCloseTo(expected.perPatch[n] as number, 5));
    logits.forEach((value, i) => {
      const moved = (by: number) => published(Float64Array.from(logits).with(i, value + by)).loss;
      expect(gradient[i]).toBeCloseTo((3 * (moved(1e-5) - moved(-1e-5))) / 2e-5, 5);
    });
  });
});
