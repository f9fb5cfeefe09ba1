import { int8Blocks } from '@murmur/core/codec/int8';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, float32Of } from '../fixture.ts';

const schema = z.object({
  block: z.number().int().positive(),
  length: z.number().int().positive(),
  bytes: z.number().int().positive(),
  x: fixtureTensor,
  scales: fixtureTensor,
  codes: fixtureTensor,
  dequantised: fixtureTensor,
});

/** Reads scales and codes out of the encoded bytes: what travels is compared, not what the encoder had in mind. */
export const int8: Check = (file, report) => {
  const { block, length, bytes: size, x, scales, codes, dequantised } = schema.parse(file);
  const { tol } = file.meta;
  const codec = int8Blocks('int8', block);
  const bytes = codec.encode(float32Of(x));
  report.same('length', x.data.length, length);
  report.same('bytes', bytes.byteLength, size);
  report.same('announced bytes', codec.encodedBytes(length), size);
  const scaleBytes = 4 * scales.data.length;
  const gotScales = new Float32Array(bytes.slice(0, scaleBytes).buffer);
  const gotCodes = new Int8Array(bytes.slice(scaleBytes).buffer);
  scales.data.forEach((scale, b) => {
    // A block's scale is compared with itself: the largest of all would hide the others.
    const one = { shape: [], data: [scale] };
    report.close(`scale ${b}`, { shape: [], data: gotScales.subarray(b, b + 1) }, one, tol);
  });
  report.close('codes', { shape: codes.shape, data: gotCodes }, codes, { abs: 0, rel_to_max: 0 });
  const decoded = codec.decode(bytes, length);
  report.same('decoded', decoded.kind, 'decoded');
  if (decoded.kind === 'refused') return;
  report.close('dequantised', { shape: dequantised.shape, data: decoded.values }, dequantised, tol);
};
