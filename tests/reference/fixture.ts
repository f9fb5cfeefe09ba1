import { z } from 'zod';

/** `|got − expected| ≤ abs + rel_to_max · max|expected|`, the maximum over the tensor. */
export const tolerance = z.object({ abs: z.number().min(0), rel_to_max: z.number().min(0) });
export type Tolerance = z.infer<typeof tolerance>;

/** A flat, row-major tensor of a fixture. */
export const fixtureTensor = z
  .object({ shape: z.array(z.number().int().min(0)), data: z.array(z.number()) })
  .refine((t) => t.shape.reduce((a, b) => a * b, 1) === t.data.length, {
    message: 'shape and number of values disagree',
  });
export type FixtureTensor = z.infer<typeof fixtureTensor>;

export const tensorsByName = z.record(z.string(), fixtureTensor);
export type TensorsByName = z.infer<typeof tensorsByName>;

export const fixtureFile = z.looseObject({
  meta: z.looseObject({ fixture: z.string().min(1), tol: tolerance }),
});
export type FixtureFile = z.infer<typeof fixtureFile>;

export const float32Of = (tensor: FixtureTensor): Float32Array => Float32Array.from(tensor.data);
