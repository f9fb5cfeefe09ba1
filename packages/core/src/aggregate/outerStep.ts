/** How the coordinator turns the mean pseudo-gradient into the update of a version. */
export interface OuterOptions {
  readonly learningRate: number;
  /** Nesterov's momentum; 0 is plain averaging, the default: momentum wrecks short runs. */
  readonly momentum: number;
}

export const PLAIN_AVERAGING: OuterOptions = { learningRate: 1, momentum: 0 };

/**
 * One outer step of SGD with Nesterov's momentum, as torch.optim.SGD and DiLoCo (Douillard et al. 2023):
 * `buffer ← momentum · buffer + gradient`, `update = learningRate · (gradient + momentum · buffer)`.
 * Consumes nothing. Returns the update to subtract and the new buffer.
 */
export function outerStep(
  gradient: Float32Array,
  buffer: Float32Array,
  options: OuterOptions,
): { update: Float32Array; buffer: Float32Array } {
  const { learningRate, momentum } = options;
  const next = buffer.map((b, i) => momentum * b + (gradient[i] as number));
  const update = gradient.map((g, i) => learningRate * (g + momentum * (next[i] as number)));
  return { update, buffer: next };
}
