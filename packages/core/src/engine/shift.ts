import { pseudoGradient } from '../train/pseudoGradient.ts';
import type { TrainHooks, TrainOutcome } from '../train/trainer.ts';
import type { OnStep, WorkOrder, WorkResult } from '../volunteer/ports.ts';
import type { EngineTrainer } from './engine.ts';

const nothing: WorkResult = { kind: 'cancelled' };

export interface Shift {
  /** Consumes the order. A new one cancels the one that runs and waits for its end. */
  work(trainer: EngineTrainer, order: WorkOrder, onStep: OnStep): Promise<WorkResult>;
  /** Resolves when nothing trains any more. */
  cancel(): Promise<void>;
}

export interface ShiftHost {
  /** Asked after every step. */
  readonly throttle: () => number;
  readonly isDeviceLost: (sentence: string) => boolean;
}

/** Carries out one work order at a time. */
export function createShift({ throttle, isDeviceLost }: ShiftHost): Shift {
  let current: { cancelled: boolean; done: Promise<WorkResult> } | undefined;
  const failed = (why: string): WorkResult => ({
    kind: 'failed',
    sentence: `Training stopped: ${why}`,
    deviceLost: isDeviceLost(why),
  });

  async function carryOut(trainer: EngineTrainer, order: WorkOrder, hooks: TrainHooks): Promise<WorkResult> {
    try {
      const outcome = await trainer.train(requestOf(order), hooks);
      if ('cancelled' in outcome) return nothing;
      return 'failed' in outcome ? failed(`${outcome.failed}.`) : workOf(order, outcome);
    } catch (error) {
      return failed(error instanceof Error ? error.message : String(error));
    }
  }

  return {
    async work(trainer, order, onStep) {
      const before = current;
      if (before) before.cancelled = true;
      const mine = { cancelled: false, done: Promise.resolve(nothing) };
      current = mine;
      const hooks: TrainHooks = {
        onStep: (step, loss) => onStep(step + 1, (step + 1) * order.batchSize, loss),
        isCancelled: () => mine.cancelled,
        throttle,
      };
      mine.done = (async () => {
        await before?.done;
        return mine.cancelled ? nothing : carryOut(trainer, order, hooks);
      })();
      return mine.done;
    },
    async cancel() {
      if (current) current.cancelled = true;
      await current?.done;
    },
  };
}

function requestOf({ pictures, labels, ...order }: WorkOrder): Parameters<EngineTrainer['train']>[0] {
  const { batchSize, maxSteps } = order;
  const bytes = pictures.length / maxSteps;
  return {
    ...order,
    nextBatch: (step) => ({
      pictures: pictures.subarray(step * bytes, (step + 1) * bytes),
      ...(labels && { labels: labels.subarray(step * batchSize, (step + 1) * batchSize) }),
    }),
  };
}

function workOf({ params: base }: WorkOrder, outcome: TrainOutcome): WorkResult {
  const { params, samples, steps, loss, trainMs } = outcome;
  return { kind: 'worked', gradient: pseudoGradient(base, params), samples, steps, loss, trainMs };
}
