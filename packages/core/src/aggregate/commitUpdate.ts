import type { Codec } from '../codec/codec.ts';
import { allFinite } from '../codec/float32.ts';
import type { Part } from '../protocol/round.ts';
import { outerStep, type OuterOptions } from './outerStep.ts';

/** What the coordinator carries from version to version, each as long as the parameter vector. */
export interface OuterState {
  readonly params: Float32Array;
  readonly momentum: Float32Array;
  /** What quantising the updates has left out so far; it is added to the next one. */
  readonly residual: Float32Array;
}

export interface Commit {
  readonly state: OuterState;
  /** The encoded update of each part; `null` where no part was reduced: nothing changes there (RD6). */
  readonly updates: (Uint8Array | null)[];
}

/** `base − update` in plain float32 (VS2): every machine gets the same bytes. Writes into `params` from `start` on. */
export function subtractUpdate(params: Float32Array, update: Float32Array, start: number): void {
  for (let i = 0; i < update.length; i++) {
    params[start + i] = Math.fround((params[start + i] as number) - (update[i] as number));
  }
}

/**
 * Applies the outer step part by part and quantises each update with the carried residual (RD8).
 * Throws when the version would not be finite.
 * Consumes nothing: returns new arrays. `means[i]` is the reduced pseudo-gradient of part i, or null.
 */
export function commitUpdate(
  state: OuterState,
  parts: readonly Part[],
  means: readonly (Float32Array | null)[],
  { codec, outer }: { codec: Codec; outer: OuterOptions },
): Commit {
  const next = {
    params: state.params.slice(),
    momentum: state.momentum.slice(),
    residual: state.residual.slice(),
  };
  const updates = parts.map(({ start, end }, i) => {
    const mean = means[i];
    if (!mean) return null;
    const { update, buffer } = outerStep(mean, state.momentum.subarray(start, end), outer);
    const wanted = update.map((u, j) => u + (state.residual[start + j] as number));
    const encoded = codec.encode(wanted);
    const decoded = codec.decode(encoded, wanted.length);
    if (decoded.kind === 'refused')
      throw new Error(`commitUpdate: codec ${codec.id} refused its own bytes: ${decoded.detail}`);
    next.momentum.set(buffer, start);
    next.residual.set(
      wanted.map((w, j) => w - (decoded.values[j] as number)),
      start,
    );
    subtractUpdate(next.params, decoded.values, start);
    if (!allFinite(next.params.subarray(start, end)))
      throw new Error(`commitUpdate: part ${i} is so large that its parameters would not be finite.`);
    return encoded;
  });
  return { state: next, updates };
}
