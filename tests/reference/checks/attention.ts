import { attentionProbabilities, projectQkv, scaledDotProduct } from '@murmur/core/nn/attention';
import { dense } from '@murmur/core/nn/block';
import { param } from '@murmur/core/nn/weights';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { computed, differentiate, uploadAll } from '../tensors.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      heads: z.number(),
      causal: z.boolean(),
      x: fixtureTensor,
      cotangent: fixtureTensor,
      params: tensorsByName,
      y: fixtureTensor,
      probabilities: fixtureTensor,
      grads: tensorsByName,
      tol: tolerance.optional(),
    }),
  ),
});

export const attention: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const tol = c.tol ?? file.meta.tol;
    const options = { heads: c.heads, causal: c.causal };
    const inputs = { x: c.x, ...c.params };
    const got = await differentiate(
      inputs,
      (t) => dense(scaledDotProduct(projectQkv(param(t, 'x'), t, 'attention'), options), t, 'output.dense'),
      c.cotangent,
    );
    report.close(`case ${i} y`, got.value, c.y, tol);
    closeGradients(report, `case ${i}`, got.gradients, c.grads, tol);
    const { probabilities } = await computed(() => {
      const t = uploadAll(inputs);
      return {
        probabilities: attentionProbabilities(projectQkv(param(t, 'x'), t, 'attention'), options),
      };
    });
    report.close(`case ${i} probabilities`, probabilities, c.probabilities, tol);
  }
};
