import { adamwInit, adamwUpdate, type AdamwState } from '@murmur/core/optim/adamw';
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

const joined = (tensors: readonly FixtureTensor[]): Float32Array =>
  Float32Array.from(tensors.flatMap((t) => t.data));

/** Runs all groups as ranges of one flat vector, as the trainer does. */
function compareCase(report: Report, label: string, c: Case, tol: Tolerance): void {
  let end = 0;
  const decay = c.params.map(({ weight_decay, initial }) => {
    const start = end;
    end += initial.data.length;
    return { start, end, weightDecay: weight_decay };
  });
  const params = joined(c.params.map((p) => p.initial));
  let state: AdamwState = adamwInit(params.length);
  c.lr_per_step.forEach((learningRate, s) => {
    const steps = c.params.map((p) => {
      const step = p.steps[s];
      if (step === undefined) throw new Error(`${label}: expected a step ${s} for every parameter`);
      return step;
    });
    const grads = joined(steps.map((step) => step.grad));
    state = adamwUpdate(state, params, grads, { learningRate, betas: c.betas, eps: c.eps, decay });
    steps.forEach((step, g) => {
      const { start, end: stop } = decay[g] ?? { start: 0, end: 0 };
      const initial = c.params[g]?.initial.data ?? [];
      const at = (values: Float32Array) => ({ shape: step.param.shape, data: values.subarray(start, stop) });
      const where = `${label} group ${g} step ${s}`;
      report.close(`${where} param`, at(params), step.param, tol);
      report.close(`${where} exp_avg`, at(state.expAvg), step.exp_avg, tol);
      report.close(`${where} exp_avg_sq`, at(state.expAvgSq), step.exp_avg_sq, tol);
      const change = (values: ArrayLike<number>) => initial.map((from, i) => (values[i] ?? NaN) - from);
      const { shape } = step.param;
      const expected = { shape, data: change(step.param.data) };
      report.close(`${where} change`, { shape, data: change(at(params).data) }, expected, CHANGE_TOLERANCE);
    });
  });
}

export const adamw: Check = (file, report) => {
  schema.parse(file).cases.forEach((c, i) => compareCase(report, `case ${i}`, c, c.tol ?? file.meta.tol));
};
