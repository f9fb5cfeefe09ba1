import type { StandReply, StandRequest } from './task.ts';

export interface Together {
  /** Milliseconds until all were done. */
  readonly wallMs: number;
  readonly replies: readonly StandReply[];
}

declare global {
  interface Window {
    /** Gives the same request to several workers, by their names, at once. A worker starts at its first request. */
    performTogether(names: readonly string[], request: StandRequest): Promise<Together>;
    closeWorker(name: string): void;
  }
}

const workers = new Map<string, Worker>();

function workerOf(name: string): Worker {
  const worker =
    workers.get(name) ?? new Worker(new URL('./page.worker.ts', import.meta.url), { type: 'module' });
  workers.set(name, worker);
  return worker;
}

const replyOf = (worker: Worker, request: StandRequest): Promise<StandReply> =>
  new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<StandReply>) => resolve(data);
    worker.postMessage(request);
  });

window.performTogether = async (names, request) => {
  const chosen = names.map(workerOf);
  const began = performance.now();
  const replies = await Promise.all(chosen.map((worker) => replyOf(worker, request)));
  return { wallMs: performance.now() - began, replies };
};

window.closeWorker = (name) => {
  workers.get(name)?.terminate();
  workers.delete(name);
};
