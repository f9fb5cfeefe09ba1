/** Squared errors averaged over each patch, and their gradient by the prediction, both weighted by the mask in the loss. */
export function maskedPatchLossLoop(
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
