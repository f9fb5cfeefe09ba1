import { learningRateAt } from '@murmur/core/optim/schedule';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tolerance } from '../fixture.ts';

const schema = z.object({
  cases: z.array(
    z.object({
      base_lr: z.number(),
      min_lr: z.number(),
      warmup_steps: z.number(),
      total_steps: z.number(),
      from_zero: fixtureTensor,
      plus_one: fixtureTensor,
      tol: tolerance.optional(),
    }),
  ),
});

export const schedule: Check = (file, report) => {
  schema.parse(file).cases.forEach((c, i) => {
    const tol = c.tol ?? file.meta.tol;
    const base = {
      baseRate: c.base_lr,
      minRate: c.min_lr,
      warmupSteps: c.warmup_steps,
      totalSteps: c.total_steps,
    };
    const rates = (start: 'fromZero' | 'plusOne') =>
      Array.from({ length: c.total_steps + 1 }, (_, step) => learningRateAt(step, { ...base, start }));
    const shape = [c.total_steps + 1];
    report.close(`case ${i} from_zero (the default)`, { shape, data: rates('fromZero') }, c.from_zero, tol);
    report.close(`case ${i} plus_one`, { shape, data: rates('plusOne') }, c.plus_one, tol);
  });
};
