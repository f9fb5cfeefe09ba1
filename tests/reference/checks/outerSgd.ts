import { averageContributions } from '@murmur/core/aggregate/average';
import { outerStep } from '@murmur/core/aggregate/outerStep';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tolerance } from '../fixture.ts';

const caseSchema = z.object({
  lr: z.number(),
  momentum: z.number(),
  worker_weights: z.array(z.number().positive()),
  initial: fixtureTensor,
  rounds: z.array(
    z.object({
      worker_change: z.array(fixtureTensor),
      pseudo_gradient: fixtureTensor,
      momentum_buffer: fixtureTensor,
      param: fixtureTensor,
    }),
  ),
  tol: tolerance.optional(),
});

const schema = z.object({ cases: z.array(caseSchema) });

/** The fixture weighs by samples without a cap. */
const NO_CAP = Infinity;

/** The coordinator's road from local changes to the next version: average, momentum, step. */
export const outerSgd: Check = (file, report) => {
  schema.parse(file).cases.forEach((c, i) => {
    const tol = c.tol ?? file.meta.tol;
    let params = Float32Array.from(c.initial.data);
    let buffer: Float32Array = new Float32Array(params.length);
    c.rounds.forEach((round, r) => {
      const contributions = round.worker_change.map((change, w) => ({
        values: Float32Array.from(change.data, (v) => -v),
        samples: c.worker_weights[w] ?? NaN,
        steps: 1,
      }));
      const gradient = averageContributions(contributions, NO_CAP);
      const step = outerStep(gradient, buffer, { learningRate: c.lr, momentum: c.momentum });
      buffer = step.buffer;
      params = params.map((p, j) => p - (step.update[j] ?? NaN));
      const compare = (name: string, data: Float32Array, expected: typeof c.initial) =>
        report.close(`case ${i} round ${r} ${name}`, { shape: expected.shape, data }, expected, tol);
      compare('pseudo_gradient', gradient, round.pseudo_gradient);
      compare('momentum_buffer', buffer, round.momentum_buffer);
      compare('param', params, round.param);
    });
  });
};
