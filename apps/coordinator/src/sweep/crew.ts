import { Worker } from 'node:worker_threads';
import { Failure } from '../cli/failure.ts';
import type { SweepAnswer, SweepRequest, SweepSetup } from './messages.ts';

type Final = Exclude<SweepAnswer, { readonly type: 'progress' }>;
export type Done = Exclude<Final, { readonly type: 'failed' }>;

/** Threads that each answer one request at a time. */
export interface Crew {
  readonly size: number;
  /** Asks thread `i`. Rejects with a sentence. */
  ask(i: number, request: SweepRequest, onSamples?: (samples: number) => void): Promise<Done>;
  close(): Promise<void>;
}

const SCRIPT = new URL('./sweep.worker.mjs', import.meta.url);

function converse(
  worker: Worker,
  request: SweepRequest,
  onSamples: (samples: number) => void,
): Promise<Done> {
  return new Promise((resolve, reject) => {
    const hear = (answer: SweepAnswer): void => {
      if (answer.type === 'progress') return onSamples(answer.samples);
      end();
      if (answer.type === 'failed') reject(new Failure(answer.sentence));
      else resolve(answer);
    };
    const crash = (cause: unknown): void => {
      end();
      const why = cause instanceof Error ? cause.message : `it ended with code ${String(cause)}`;
      reject(
        new Failure(
          `A thread of the sweep crashed: ${why}. Run the same command again: it goes on from there.`,
        ),
      );
    };
    const end = (): void => void worker.off('message', hear).off('error', crash).off('exit', crash);
    worker.on('message', hear).on('error', crash).on('exit', crash);
    worker.postMessage(request);
  });
}

export function createCrew(size: number, setup: SweepSetup): Crew {
  const workers = Array.from({ length: size }, () => new Worker(SCRIPT, { workerData: setup }));
  return {
    size,
    ask: (i, request, onSamples = () => undefined) => converse(workers[i] as Worker, request, onSamples),
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}
