import type { Clock, OnStep, Work, WorkOrder, WorkResult } from '../ports.ts';
import { sentenceOf, type WorkerThread } from './startWorker.ts';

export interface RoundPlan {
  /** The lead first. */
  readonly threads: readonly WorkerThread[];
  /** One for each thread. */
  readonly orders: readonly WorkOrder[];
  readonly clock: Clock;
  /** How long replicas may take; the lead is watched by whoever calls. */
  readonly patienceMs: number;
  /** With what all have done so far, after any step of `thread`. */
  readonly onStep: (thread: WorkerThread, ...all: Parameters<OnStep>) => void;
}

export interface RoundOutcome {
  readonly lead: WorkResult;
  /** Of the lead and of every replica that did its share. */
  readonly works: readonly Work[];
  /** Replicas whose share is lost, and why. */
  readonly lost: readonly { readonly thread: WorkerThread; readonly sentence: string }[];
}

const failed = (cause: unknown): WorkResult => ({
  kind: 'failed',
  sentence: sentenceOf(cause),
  deviceLost: false,
});

/**
 * Has every worker train on its order. Without the lead there is nothing; a replica that fails, dies or is late
 * costs its own share only. Never rejects.
 */
export async function workRound(plan: RoundPlan): Promise<RoundOutcome> {
  const { threads, orders, clock, patienceMs, onStep } = plan;
  const [leadThread, ...replicas] = threads;
  if (!leadThread) throw new Error('workRound: expected at least the lead, received no worker');
  const report = addingUp(onStep);
  let giveUp: (late: undefined) => void = () => undefined;
  const late = new Promise<undefined>((resolve) => (giveUp = resolve));
  const cancelPatience = clock.after(patienceMs, () => giveUp(undefined));
  const jobs = new Map(
    threads.map((thread, i) => {
      const order = orders[i] as WorkOrder;
      return [thread, thread.port.work(order, report(thread)).catch(failed)];
    }),
  );
  const lead = (await jobs.get(leadThread)) as WorkResult;
  if (lead.kind !== 'worked') {
    cancelPatience();
    // Whatever became of them, nobody waits for their work any more.
    for (const { port } of replicas) void port.cancel().catch(() => undefined);
    return { lead, works: [], lost: [] };
  }
  const results = await Promise.all(replicas.map((thread) => Promise.race([jobs.get(thread), late])));
  cancelPatience();
  return {
    lead,
    works: [lead, ...results.filter((r) => r?.kind === 'worked')],
    lost: lostOf(replicas, results),
  };
}

function lostOf(
  replicas: readonly WorkerThread[],
  results: readonly (WorkResult | undefined)[],
): RoundOutcome['lost'] {
  return replicas.flatMap((thread, i) => {
    const result = results[i];
    if (result?.kind === 'worked' || result?.kind === 'cancelled') return [];
    return [{ thread, sentence: result?.sentence ?? 'it was too late' }];
  });
}

/** The steps, samples and loss of all workers, whichever of them took the step. */
function addingUp(onStep: RoundPlan['onStep']): (thread: WorkerThread) => OnStep {
  const done = new Map<WorkerThread, Parameters<OnStep>>();
  return (thread) =>
    (...mine) => {
      done.set(thread, mine);
      const all = [...done.values()];
      const samples = all.reduce((sum, [, n]) => sum + n, 0);
      const loss = all.reduce((sum, [, n, value]) => sum + value * (n / samples), 0);
      onStep(thread, Math.max(...all.map(([step]) => step)), samples, loss);
    };
}
