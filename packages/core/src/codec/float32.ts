import { notFinite, wrongSize } from './codec.ts';
import type { Codec } from './codec.ts';

/** Plain little-endian float32: nothing is lost. */
export const float32: Codec = {
  id: 'float32',
  encodedBytes: (length) => 4 * length,
  encode(values) {
    if (!allFinite(values)) throw notFinite(float32);
    return new Uint8Array(values.slice().buffer);
  },
  decode(bytes, length) {
    const refused = wrongSize(float32, bytes, length);
    if (refused) return refused;
    const values = new Float32Array(new Uint8Array(bytes).buffer);
    if (allFinite(values)) return { kind: 'decoded', values };
    return { kind: 'refused', reason: 'non-finite', detail: 'float32: values that are not finite' };
  },
};

/** Whether no value is NaN or infinite. A difference with itself is 0 or NaN: cheaper than a test per value. */
export function allFinite(values: Float32Array): boolean {
  let zero = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    zero += value - value;
  }
  return zero === 0;
}
