import { subtractUpdate } from '../aggregate/commitUpdate.ts';
import type { Codec } from '../codec/codec.ts';
import type { Part } from '../protocol/round.ts';

/**
 * The version after `base`: `base − update` in plain float32, part by part (VS2); `null` parts stay as they are.
 * `undefined` when an update is missing or cannot be decoded. Borrows `base`.
 */
export function applyUpdates(
  base: Float32Array,
  parts: readonly Part[],
  updates: readonly (Uint8Array | null)[],
  codec: Codec,
): Float32Array | undefined {
  const next = base.slice();
  for (const [i, { start, end }] of parts.entries()) {
    const bytes = updates[i];
    if (bytes === null) continue;
    const decoded = bytes && codec.decode(bytes, end - start);
    if (decoded?.kind !== 'decoded') return undefined;
    subtractUpdate(next, decoded.values, start);
  }
  return next;
}
