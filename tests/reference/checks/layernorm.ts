import { layerNorm } from '@murmur/core/nn/layerNorm';
import { param } from '@murmur/core/nn/weights';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { differentiate } from '../tensors.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      eps: z.number(),
      x: fixtureTensor,
      weight: fixtureTensor,
      bias: fixtureTensor,
      cotangent: fixtureTensor,
      y: fixtureTensor,
      grads: tensorsByName,
      tol: tolerance.optional(),
    }),
  ),
});

export const layernorm: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const { x, weight, bias } = c;
    const got = await differentiate(
      { x, weight, bias },
      (t) => layerNorm(param(t, 'x'), param(t, 'weight'), param(t, 'bias'), c.eps),
      c.cotangent,
    );
    const tol = c.tol ?? file.meta.tol;
    report.close(`case ${i} y`, got.value, c.y, tol);
    closeGradients(report, `case ${i}`, got.gradients, c.grads, tol);
  }
};
