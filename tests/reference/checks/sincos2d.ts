import { positionTable } from '@murmur/core/nn/sincos';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tolerance } from '../fixture.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      grid: z.number(),
      dim: z.number(),
      cls_token: z.boolean(),
      embedding: fixtureTensor,
      tol: tolerance.optional(),
    }),
  ),
});

export const sincos2d: Check = (file, report) => {
  schema.parse(file).cases.forEach((c, i) => {
    const data = positionTable(c.grid, c.dim, c.cls_token);
    const shape = [c.grid ** 2 + (c.cls_token ? 1 : 0), c.dim];
    report.close(`case ${i} embedding`, { shape, data }, c.embedding, c.tol ?? file.meta.tol);
  });
};
