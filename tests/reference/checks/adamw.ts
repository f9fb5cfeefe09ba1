import { coefficientsAt } from '@murmur/core/optim/adamw';
import { adamwStep } from '@murmur/core/tensor/fused/adamw';
import type { AdamwCoefficients } from '@murmur/core/tensor/loops/adamw';
import { readValues, tensorOf, zerosOf, type Tensor } from '@murmur/core/tensor/ops';
import { z } from 'zod';
import type { Check } from '../check.ts';
import { fixtureTensor, tolerance, type FixtureTensor, type Tolerance } from '../fixture.ts';
import type { Report } from '../report.ts';

const stepSchema = z.object({
  grad: fixtureTensor,
  param: fixtureTensor,
  exp_avg: fixtureTensor,
  exp_avg_sq: fixtureTensor,
});

const caseSchema = z.object({
  betas: z.tuple([z.number(), z.number()]),
  eps: z.number(),
  lr_per_step: z.array(z.number()),
  params: z.array(z.object({ weight_decay: z.number(), initial: fixtureTensor, steps: z.array(stepSchema) })),
  tol: tolerance.optional(),
});

const schema = z.object({ cases: z.array(caseSchema) });
type Case = z.infer<typeof caseSchema>;

/** The parameter itself hides errors: its change has a tolerance of its own. */
const CHANGE_TOLERANCE = { abs: 0, rel_to_max: 1e-3 };

interface Group {
  readonly weightDecay: number;
  /** Parameter and moments. */
  tensors: readonly [Tensor, Tensor, Tensor];
}

const up = ({ shape, data }: FixtureTensor): Tensor => tensorOf(Float32Array.from(data), shape);

function step(group: Group, grad: Tensor, coefficients: AdamwCoefficients): void {
  const [param, expAvg, expAvgSq] = group.tensors;
  group.tensors = adamwStep([param, grad, expAvg, expAvgSq], coefficients);
}

/** Runs every parameter on the backend, as the trainer does. */
async function compareCase(report: Report, label: string, c: Case, tol: Tolerance): Promise<void> {
  const groups = c.params.map(({ weight_decay, initial }): Group => {
    const zeros = () => zerosOf(initial.shape);
    return { weightDecay: weight_decay, tensors: [up(initial), zeros(), zeros()] };
  });
  for (const [s, learningRate] of c.lr_per_step.entries()) {
    for (const [g, group] of groups.entries()) {
      const expected = c.params[g]?.steps[s];
      if (expected === undefined) throw new Error(`${label}: expected a step ${s} for every parameter`);
      const options = { betas: c.betas, eps: c.eps, weightDecay: group.weightDecay };
      step(group, up(expected.grad), coefficientsAt(s + 1, learningRate, options));
      const [param, expAvg, expAvgSq] = (await Promise.all(group.tensors.map(readValues))) as [
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      const { shape } = expected.param;
      const where = `${label} group ${g} step ${s}`;
      report.close(`${where} param`, { shape, data: param }, expected.param, tol);
      report.close(`${where} exp_avg`, { shape, data: expAvg }, expected.exp_avg, tol);
      report.close(`${where} exp_avg_sq`, { shape, data: expAvgSq }, expected.exp_avg_sq, tol);
      const initial = c.params[g]?.initial.data ?? [];
      const change = (values: ArrayLike<number>) => initial.map((from, i) => (values[i] ?? NaN) - from);
      const moved = { shape, data: change(expected.param.data) };
      report.close(`${where} change`, { shape, data: change(param) }, moved, CHANGE_TOLERANCE);
    }
  }
}

export const adamw: Check = async (file, report) => {
  for (const [i, c] of schema.parse(file).cases.entries())
    await compareCase(report, `case ${i}`, c, c.tol ?? file.meta.tol);
};
