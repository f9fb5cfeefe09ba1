import { bitsOf, malformed, notFinite, wrongSize } from './codec.ts';
import { allFinite } from './float32.ts';
import { HALVES, isFiniteHalf, nearestHalf } from './half.ts';
import type { Codec } from './codec.ts';

/**
 * Little-endian IEEE halves, rounded to the nearest, ties to even; what is beyond 65,504 becomes that, never infinite.
 * An error is at most 2⁻¹¹ of the value, or 2⁻²⁵ where the value is below 2⁻¹⁴.
 */
export const float16: Codec = {
  id: 'float16',
  encodedBytes: (length) => 2 * length,
  encode(values) {
    if (!allFinite(values)) throw notFinite(float16);
    const bits = bitsOf(values);
    const halves = new Uint16Array(values.length);
    for (let i = 0; i < halves.length; i++) halves[i] = nearestHalf(bits[i] as number, values[i] as number);
    return new Uint8Array(halves.buffer);
  },
  decode(bytes, length) {
    const refused = wrongSize(float16, bytes, length);
    if (refused) return refused;
    const halves = new Uint16Array(new Uint8Array(bytes).buffer);
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = HALVES[halves[i] as number] as number;
    if (allFinite(values)) return { kind: 'decoded', values };
    const bad = halves.findIndex((half) => !isFiniteHalf(half));
    return malformed(float16, `value ${bad} is not finite`, 'non-finite');
  },
};
