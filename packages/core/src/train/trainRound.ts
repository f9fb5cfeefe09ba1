import type { Objective } from '../objectives/objective.ts';
import { fold } from '../random/key.ts';
import { deviceErrors, outOfMemory } from '../tensor/backend.ts';
import { createFlight, type Flight, type Progress } from './flight.ts';
import type { LocalModel } from './localModel.ts';
import type { Clock, TrainHooks, TrainRequest, TrainResult } from './trainer.ts';

export interface RoundContext {
  readonly objective: Objective;
  readonly clock: Clock;
  readonly model: LocalModel;
}

/** Whether one more step may start: `minSteps` always, further ones while the mean step so far still fits the budget. */
function mayStep({ started, done }: Progress, elapsedMs: number, request: TrainRequest): boolean {
  if (started >= request.maxSteps) return false;
  if (started < Math.max(1, request.minSteps)) return true;
  return elapsedMs + (started - done + 1) * (elapsedMs / done) <= request.budgetMs;
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

/** Takes the steps of a round; undefined when all went well. */
async function takeSteps(
  { objective, clock, model }: RoundContext,
  { request, hooks, flight }: { request: TrainRequest; hooks: TrainHooks; flight: Flight },
): Promise<{ readonly cancelled: true } | { readonly failed: string } | undefined> {
  const { progress } = flight;
  const began = clock.now();
  while (mayStep(progress, clock.now() - began, request)) {
    if (hooks.isCancelled()) {
      if (progress.started === 0) return { cancelled: true };
      break;
    }
    const stepBegan = clock.now();
    const batch = request.nextBatch(progress.started);
    const stepKey = fold(request.key, progress.started);
    flight.start(model.step((weights) => objective.loss(weights, batch, stepKey), request));
    const share = dutyCycle(hooks);
    // The first step must show how long one takes, and a device that is given in part must idle while this thread rests.
    const failure = await flight.landAllBut(progress.done === 0 || share < 1 ? 0 : model.stepsAhead);
    if (failure !== undefined) return failure;
    await rest(clock, clock.now() - stepBegan, share);
  }
  return flight.landAllBut(0);
}

async function runRound(
  context: RoundContext,
  request: TrainRequest,
  hooks: TrainHooks,
): Promise<TrainResult> {
  const { clock, model } = context;
  model.load(request.params);
  const flight = createFlight(hooks.onStep);
  const began = clock.now();
  const stopped = await takeSteps(context, { request, hooks, flight }).finally(flight.abandon);
  if (stopped !== undefined) return stopped;
  const { done: steps, lossSum } = flight.progress;
  const params = await model.read();
  if (!allFinite(params)) return { failed: `non-finite parameters after step ${steps - 1}` };
  const trainMs = clock.now() - began;
  return { params, steps, samples: steps * request.batchSize, loss: lossSum / steps, trainMs };
}

/**
 * Trains one round from `request.params`, which stay as they are. Fails with a sentence where a result is not finite, the
 * device is lost or memory runs out; throws for anything else.
 */
export async function trainRound(
  context: RoundContext,
  request: TrainRequest,
  hooks: TrainHooks,
): Promise<TrainResult> {
  try {
    const result = await runRound(context, request, hooks);
    const failed = deviceErrors(); // a lost device computes garbage, often zeros, without a word
    return failed === undefined ? result : { failed };
  } catch (error) {
    await context.clock.pause(); // the device's own word on its loss may come after the error
    const failed = deviceErrors() ?? outOfMemory(error);
    if (failed === undefined) throw error;
    return { failed };
  }
}
