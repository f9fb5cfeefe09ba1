import type { RunInfo } from '../../protocol/run.ts';
import type { Clock } from '../ports.ts';
import { judge, refused, timed, trying, untriedGpus, type Choice } from './choice.ts';
import { sentenceOf, startWorker, within, type SpawnWorker, type WorkerThread } from './startWorker.ts';

/** For the steps; a GPU that needs longer is no gain. */
const TIMING_MS = 20_000;
/** For the whole trial, should the worker not keep to it. */
const TRIAL_LIMIT_MS = 60_000;

export interface Task {
  readonly run: RunInfo;
  readonly batchSize: number;
}

/** A GPU that is worth the change, its model built. */
export interface Successor {
  readonly backend: string;
  readonly thread: WorkerThread;
  readonly prepared: { readonly schemaHash: string; readonly device: string };
}

export interface TrialHost {
  readonly clock: Clock;
  readonly spawn: SpawnWorker;
  choice(): Choice;
  choose(next: Choice): void;
}

/** Tries GPUs beside the training, each in a worker of its own that ends when it is not chosen. */
export interface Trials {
  /** Tries what was not tried yet. */
  begin(task: Task): Promise<void>;
  /** Decides once all is known; to be called whenever the speed of what runs is known anew. */
  decide(run: RunInfo): Promise<void>;
  /** Hands the successor over; whoever takes it owns its thread. */
  take(): Successor | undefined;
  end(): void;
}

export function createTrials(host: TrialHost): Trials {
  const contenders = new Map<string, WorkerThread>();
  let successor: Successor | undefined;
  let busy = false;
  /** Counts up when all ends, so that what still runs then is ended too. */
  let generation = 0;

  function give(backend: string, reason: string): void {
    contenders.get(backend)?.terminate();
    contenders.delete(backend);
    host.choose(refused(host.choice(), backend, reason));
  }

  async function tryOne(backend: string, { run, batchSize }: Task): Promise<void> {
    const mine = generation;
    host.choose(trying(host.choice(), backend));
    const outcome = await startWorker(host, { backend, softwareToo: false });
    if (mine !== generation) return outcome.kind === 'started' ? outcome.thread.terminate() : undefined;
    if (outcome.kind === 'refused') return give(backend, outcome.reason);
    contenders.set(backend, outcome.thread);
    const timing = outcome.thread.port
      .time(run, { batchSize, deadlineMs: TIMING_MS })
      .catch((cause: unknown) => ({ kind: 'failed' as const, sentence: sentenceOf(cause) }));
    const result = await within(host.clock, TRIAL_LIMIT_MS, timing);
    if (mine !== generation) return;
    if (result?.kind !== 'timed') return give(backend, result?.sentence ?? 'its trial did not end');
    host.choose(timed(host.choice(), backend, result.samplesPerSecond));
  }

  async function raise(backend: string, run: RunInfo): Promise<void> {
    const thread = contenders.get(backend);
    if (!thread) return;
    const mine = generation;
    try {
      const prepared = await thread.port.prepare(run);
      if (mine !== generation) return;
      successor = { backend, thread, prepared };
      contenders.delete(backend);
    } catch (cause) {
      if (mine === generation) give(backend, sentenceOf(cause));
    }
  }

  async function decide(run: RunInfo): Promise<void> {
    if (busy || successor) return;
    const verdict = judge(host.choice());
    host.choose(verdict.choice);
    for (const [backend, thread] of contenders) {
      if (verdict.choice.rungs.find((r) => r.backend === backend)?.outcome === 'trying') continue;
      thread.terminate();
      contenders.delete(backend);
    }
    if (verdict.successor === undefined) return;
    busy = true;
    await raise(verdict.successor, run);
    busy = false;
  }

  return {
    async begin(task) {
      if (busy || untriedGpus(host.choice()).length === 0) return;
      const mine = generation;
      busy = true;
      for (const backend of untriedGpus(host.choice())) {
        if (mine === generation) await tryOne(backend, task);
      }
      if (mine !== generation) return;
      busy = false;
      await decide(task.run);
    },
    decide,
    take() {
      const taken = successor;
      successor = undefined;
      return taken;
    },
    end() {
      generation++;
      busy = false;
      for (const thread of contenders.values()) thread.terminate();
      contenders.clear();
      successor?.thread.terminate();
      successor = undefined;
    },
  };
}
