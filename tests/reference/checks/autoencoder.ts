import { dense } from '@murmur/core/nn/block';
import { gelu } from '@murmur/core/nn/gelu';
import { meanSquaredError } from '@murmur/core/nn/meanSquaredError';
import { relu } from '@murmur/core/nn/relu';
import type { Weights } from '@murmur/core/nn/weights';
import type { Tensor } from '@murmur/core/tensor/ops';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tensorsByName, tolerance } from '../fixture.ts';
import { closeGradients } from '../gradients.ts';
import { computed, differentiate, upload, uploadAll } from '../tensors.ts';

const ACTIVATIONS = { gelu, relu } as const;

const caseOf = z.object({
  layers: z.array(z.string()).min(1),
  code_after: z.string(),
  activation: z.enum(['gelu', 'relu']),
  noisy: fixtureTensor,
  clean: fixtureTensor,
  params: tensorsByName,
  code: fixtureTensor,
  reconstruction: fixtureTensor,
  loss: fixtureTensor,
  grads: tensorsByName,
  tol: tolerance.optional(),
});

const schema = z.object({ cases: z.array(caseOf) });

/** `x` through some of the layers: an activation follows each but the one that makes the code, and the last of all. */
function through(c: z.infer<typeof caseOf>, layers: readonly string[], weights: Weights, x: Tensor): Tensor {
  const linearOnly = [c.code_after, c.layers.at(-1)];
  return layers.reduce((input, name) => {
    const y = dense(input, weights, name);
    return linearOnly.includes(name) ? y : ACTIVATIONS[c.activation](y);
  }, x);
}

/** Linear layers that make noisy rows narrow, the code, and clean again. */
export const autoencoder: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries()) {
    const tol = c.tol ?? file.meta.tol;
    const codeEnds = c.layers.indexOf(c.code_after) + 1;
    const encoded = (w: Weights) => through(c, c.layers.slice(0, codeEnds), w, upload(c.noisy));
    const decoded = (w: Weights) => through(c, c.layers.slice(codeEnds), w, encoded(w));
    const got = await computed(() => {
      const weights = uploadAll(c.params);
      return { code: encoded(weights), reconstruction: decoded(weights) };
    });
    report.close(`case ${i} code`, got.code, c.code, tol);
    report.close(`case ${i} reconstruction`, got.reconstruction, c.reconstruction, tol);
    const { value, gradients } = await differentiate(c.params, (w) =>
      meanSquaredError(decoded(w), upload(c.clean)),
    );
    report.close(`case ${i} loss`, value, c.loss, tol);
    closeGradients(report, `case ${i}`, gradients, c.grads, tol);
  }
};
