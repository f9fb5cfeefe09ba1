/** Cross-entropy of each row of logits `[R, C]` with its target, and the gradient of their sum by the logits. */
export function crossEntropyLoop(
  logits: Float32Array,
  targets: Int32Array,
  loss: Float32Array,
  gradient: Float32Array,
): void {
  const width = logits.length / targets.length;
  targets.forEach((target, row) => {
    const from = row * width;
    let most = -Infinity;
    for (let i = from; i < from + width; i++) most = Math.max(most, logits[i] as number);
    let sum = 0;
    for (let i = from; i < from + width; i++) sum += Math.exp((logits[i] as number) - most);
    for (let i = from; i < from + width; i++)
      gradient[i] = Math.exp((logits[i] as number) - most) / sum - (i - from === target ? 1 : 0);
    loss[row] = Math.log(sum) + most - (logits[from + target] as number);
  });
}
