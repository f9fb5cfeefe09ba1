import type { Objective } from '../objectives/objective.ts';
import { adamwUpdate, decayRanges, maeAdamw, type AdamwState } from '../optim/adamw.ts';
import { sgdUpdate } from '../optim/sgd.ts';
import { fold } from '../random/key.ts';
import type { LossAndGrads } from '../tensor/parameters.ts';
import type { Clock, TrainHooks, TrainRequest, TrainResult } from './trainer.ts';

export interface RoundContext {
  readonly objective: Objective;
  readonly clock: Clock;
  /** Moments from earlier rounds; consumed. */
  readonly adamw: AdamwState;
}

export interface RoundResult {
  readonly result: TrainResult;
  /** Moments for the next round. */
  readonly state: AdamwState;
}

/** Whether one more step may start: `minSteps` always, further ones while the mean step so far still fits the budget. */
function mayStep(steps: number, elapsedMs: number, request: TrainRequest): boolean {
  if (steps >= request.maxSteps) return false;
  if (steps < Math.max(1, request.minSteps)) return true;
  return elapsedMs * (1 + 1 / steps) <= request.budgetMs;
}

/** Idles until the computing of `busyMs` is `throttle` of the time since it began; always yields once. */
async function rest(clock: Clock, busyMs: number, throttle: number): Promise<void> {
  const idleMs = busyMs * (1 / throttle - 1);
  const until = clock.now() + idleMs;
  await clock.pause(idleMs);
  while (clock.now() < until) await clock.pause(until - clock.now()); // timers may fire early
}

/** Finite, and so are the gradients: a finite loss may have infinite ones. */
function isFiniteStep({ loss, grads }: LossAndGrads): boolean {
  let sum = 0;
  for (let i = 0; i < grads.length; i++) sum += Math.abs(grads[i] as number);
  return Number.isFinite(loss) && Number.isFinite(sum);
}

/** Trains one round from `request.params`, which stay as they are. */
export async function trainRound(
  context: RoundContext,
  request: TrainRequest,
  hooks: TrainHooks,
): Promise<RoundResult> {
  const { objective, clock } = context;
  const { throttle = 1, learningRate } = request;
  if (!(throttle > 0 && throttle <= 1))
    throw new Error(`train: expected a throttle above 0 and up to 1, received ${throttle}`);
  const decay = decayRanges(objective.schema, maeAdamw.weightDecay);
  const params = request.params.slice();
  let state = context.adamw;
  let [steps, samples, lossSum] = [0, 0, 0];
  const began = clock.now();
  while (mayStep(steps, clock.now() - began, request)) {
    if (hooks.isCancelled()) return { result: { cancelled: true }, state };
    const stepBegan = clock.now();
    const step = objective.lossAndGrads(params, request.nextBatch(steps), fold(request.key, steps));
    if (!isFiniteStep(step)) return { result: { failed: `non-finite loss at step ${steps}` }, state };
    if (request.optimizer === 'sgd') sgdUpdate(params, step.grads, learningRate);
    else state = adamwUpdate(state, params, step.grads, { ...maeAdamw, learningRate, decay });
    lossSum += step.loss;
    samples += request.batchSize;
    hooks.onStep(steps++, step.loss);
    await rest(clock, clock.now() - stepBegan, throttle);
  }
  const result = { params, steps, samples, loss: lossSum / steps, trainMs: clock.now() - began };
  return { result, state };
}
