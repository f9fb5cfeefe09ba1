import type { Clock, WorkerPort } from '../ports.ts';

/** A worker thread as a host starts it. When it has died or was terminated, every call rejects. */
export interface WorkerThread {
  readonly port: WorkerPort;
  /** Resolves to what happened, as a sentence without its full stop, when the thread has died by itself. */
  readonly died: Promise<string>;
  terminate(): void;
}

export type SpawnWorker = () => WorkerThread;

export type Started =
  | { readonly kind: 'started'; readonly thread: WorkerThread; readonly title: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Loading, starting and checking a backend; a phone takes seconds. */
const START_LIMIT_MS = 60_000;

/** Resolves to the outcome, or to undefined after `ms`. */
export function within<T>(clock: Clock, ms: number, outcome: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined));
    outcome.then(resolve, reject).finally(cancel);
  });
}

export const sentenceOf = (cause: unknown): string =>
  cause instanceof Error ? cause.message : String(cause);

/** Spawns a worker with this backend. One that cannot be used is refused, and its thread ended. */
export async function startWorker(
  { clock, spawn }: { clock: Clock; spawn: SpawnWorker },
  choice: { backend: string; softwareToo: boolean },
): Promise<Started> {
  const thread = spawn();
  const starting = thread.port
    .start(choice)
    .catch((cause: unknown) => ({ kind: 'refused' as const, reason: sentenceOf(cause) }));
  const outcome = await within(clock, START_LIMIT_MS, starting);
  if (outcome?.kind === 'started') return { kind: 'started', thread, title: outcome.title };
  thread.terminate();
  const reason = outcome?.reason ?? `it did not start in ${START_LIMIT_MS / 1e3} s`;
  return { kind: 'refused', reason };
}
