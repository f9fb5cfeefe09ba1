/** What a volunteer contributes: `base − local`, so that adding its negative to the base repeats the local training. */
export function pseudoGradient(base: Float32Array, local: Float32Array): Float32Array {
  if (base.length !== local.length) {
    throw new Error(
      `pseudoGradient: expected ${base.length} values as in the round's start, received ${local.length}`,
    );
  }
  return base.map((value, i) => value - (local[i] as number));
}
