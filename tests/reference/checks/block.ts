import { block as ours } from '@murmur/core/nn/block';
import { param } from '@murmur/core/nn/weights';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { differentiate } from '../tensors.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      heads: z.number(),
      eps: z.number(),
      x: fixtureTensor,
      cotangent: fixtureTensor,
      params: tensorsByName,
      y: fixtureTensor,
      grads: tensorsByName,
      tol: tolerance.optional(),
    }),
  ),
});

export const block: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const tol = c.tol ?? file.meta.tol;
    const options = { heads: c.heads, eps: c.eps };
    const got = await differentiate(
      { x: c.x, ...c.params },
      (t) => ours(param(t, 'x'), t, '', options),
      c.cotangent,
    );
    report.close(`case ${i} y`, got.value, c.y, tol);
    closeGradients(report, `case ${i}`, got.gradients, c.grads, tol);
  }
};
