import type { TrainHooks } from './trainer.ts';

export interface Progress {
  started: number;
  /** Steps whose loss is there. */
  done: number;
  lossSum: number;
}

/** How a step ended; a value, so that none that nobody waits for yet counts as unheard. */
type Ended = { readonly loss: number } | { readonly error: unknown };

const ended = (step: Promise<number>): Promise<Ended> =>
  step.then(
    (loss) => ({ loss }),
    (error: unknown) => ({ error }),
  );

/** Steps that were started, in order, and what came of them: a GPU works on some while the losses of earlier ones are on their way. */
export function createFlight(onStep: TrainHooks['onStep']) {
  const progress: Progress = { started: 0, done: 0, lossSum: 0 };
  const flying: Promise<Ended>[] = [];
  return {
    progress,

    start(step: Promise<number>): void {
      flying.push(ended(step));
      progress.started++;
    },

    /** Waits until at most `count` steps are on their way; says what failed. Throws what a step threw. */
    async landAllBut(count: number): Promise<{ readonly failed: string } | undefined> {
      while (flying.length > count) {
        const end = await (flying.shift() as Promise<Ended>);
        if ('error' in end) throw end.error;
        if (!Number.isFinite(end.loss)) return { failed: `non-finite loss at step ${progress.done}` };
        progress.lossSum += end.loss;
        onStep(progress.done++, end.loss);
      }
      return undefined;
    },

    /** Waits for all, whatever they come to. */
    abandon: (): Promise<unknown> => Promise.all(flying),
  };
}

export type Flight = ReturnType<typeof createFlight>;
