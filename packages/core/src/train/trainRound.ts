import type { Objective } from '../objectives/objective.ts';
import { fold } from '../random/key.ts';
import type { LocalModel } from './localModel.ts';
import type { Clock, TrainHooks, TrainRequest, TrainResult } from './trainer.ts';

export interface RoundContext {
  readonly objective: Objective;
  readonly clock: Clock;
  readonly model: LocalModel;
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

/** The share of the time that may be spent computing now; it may change from step to step. */
function dutyCycle({ throttle }: TrainHooks): number {
  const share = throttle?.() ?? 1;
  if (share > 0 && share <= 1) return share;
  throw new Error(`train: expected a throttle above 0 and up to 1, received ${share}`);
}

/** A loss may be finite and its gradients not. */
function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += Math.abs(values[i] as number);
  return Number.isFinite(sum);
}

/** Trains one round from `request.params`, which stay as they are. */
export async function trainRound(
  { objective, clock, model }: RoundContext,
  request: TrainRequest,
  hooks: TrainHooks,
): Promise<TrainResult> {
  model.load(request.params);
  let [steps, lossSum] = [0, 0];
  const began = clock.now();
  while (mayStep(steps, clock.now() - began, request)) {
    if (hooks.isCancelled()) return { cancelled: true };
    const stepBegan = clock.now();
    const pictures = request.nextBatch(steps);
    const stepKey = fold(request.key, steps);
    const loss = await model.step((weights) => objective.loss(weights, pictures, stepKey), request);
    if (!Number.isFinite(loss)) return { failed: `non-finite loss at step ${steps}` };
    lossSum += loss;
    hooks.onStep(steps++, loss);
    await rest(clock, clock.now() - stepBegan, dutyCycle(hooks));
  }
  const params = await model.read();
  if (!allFinite(params)) return { failed: `non-finite parameters after step ${steps - 1}` };
  const trainMs = clock.now() - began;
  return { params, steps, samples: steps * request.batchSize, loss: lossSum / steps, trainMs };
}
