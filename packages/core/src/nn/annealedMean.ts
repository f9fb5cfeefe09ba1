/** Zhang et al. 2016, §2.3: between the mean of the distribution, 1, which is dull, and its mode, 0, which is speckled. */
const TEMPERATURE = 0.38;

/**
 * One point for each row of `scores` `[R, Q]`, logits over the points `centres` `[Q, 2]`: their mean under the distribution made
 * steeper by the temperature, `softmax(scores / T)`; `[R, 2]`.
 */
export function annealedMean(scores: Float32Array, centres: Float32Array): Float32Array {
  const classes = centres.length / 2;
  const means = new Float32Array((2 * scores.length) / classes);
  for (let row = 0; row < scores.length / classes; row++) {
    const logits = scores.subarray(row * classes, (row + 1) * classes);
    const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = logits.map((logit) => Math.exp((logit - most) / TEMPERATURE));
    const sum = powers.reduce((a, b) => a + b, 0);
    for (const axis of [0, 1])
      means[2 * row + axis] = powers.reduce(
        (m, p, q) => m + (p / sum) * (centres[2 * q + axis] as number),
        0,
      );
  }
  return means;
}
