import { gelu as ours } from '@murmur/core/nn/gelu';
import { param } from '@murmur/core/nn/weights';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { differentiate } from '../tensors.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      x: fixtureTensor,
      cotangent: fixtureTensor,
      y: fixtureTensor,
      dy_dx: fixtureTensor,
      grads: tensorsByName,
      tol: tolerance.optional(),
    }),
  ),
});

export const gelu: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const tol = c.tol ?? file.meta.tol;
    const got = await differentiate({ x: c.x }, (t) => ours(param(t, 'x')), c.cotangent);
    report.close(`case ${i} y`, got.value, c.y, tol);
    closeGradients(report, `case ${i}`, got.gradients, c.grads, tol);
    const ones = { shape: c.x.shape, data: c.x.data.map(() => 1) };
    const slope = await differentiate({ x: c.x }, (t) => ours(param(t, 'x')), ones);
    closeGradients(report, `case ${i} slope`, slope.gradients, { x: c.dy_dx }, tol);
  }
};
