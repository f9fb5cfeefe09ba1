import { proxy, transfer, wrap, type Endpoint } from 'comlink';
import type { OnStep, WorkerPort } from '@murmur/core/volunteer/ports';
import type { WorkerThread } from '@murmur/core/volunteer/supervisor/startWorker';
import { arraysOf } from './orderArrays.ts';

/** A thread that serves an engine, as the host starts it. */
export interface HostThread {
  readonly endpoint: Endpoint;
  /** Calls once when the thread has ended by itself, with a sentence that has no full stop. */
  onCrash(call: (sentence: string) => void): void;
  terminate(): void;
}

/**
 * An engine on another thread. `load`, `work` and `contribute` consume their arrays. When the thread crashes or is
 * terminated, every call rejects, also those under way. `device` describes the machine; the engine adds what it computes with.
 */
export function remoteWorker(thread: HostThread, device: string): WorkerThread {
  const remote = wrap<WorkerPort>(thread.endpoint);
  let terminated = false;
  const died = new Promise<string>((resolve) =>
    thread.onCrash((sentence) => void (terminated || resolve(sentence))),
  );
  let stop: (cause: Error) => void = () => undefined;
  const ended = new Promise<never>((_, reject) => {
    stop = reject;
    void died.then((sentence) => reject(new Error(`${sentence}.`)));
  });
  // Whether or not a call is under way, the end is told through the calls.
  ended.catch(() => undefined);
  const orEnd = <P extends Promise<unknown>>(call: P): Promise<Awaited<P>> => Promise.race([call, ended]);
  const terminate = () => {
    terminated = true;
    thread.terminate();
    stop(new Error('The training worker was ended.'));
  };

  const port: WorkerPort = {
    start: (choice) => orEnd(remote.start(choice)),
    async prepare(run) {
      const prepared = await orEnd(remote.prepare(run));
      return { ...prepared, device: `${device}, ${prepared.device}`.slice(0, 120) };
    },
    load: (snapshot, expected) => orEnd(remote.load(moving(snapshot, [snapshot]), expected)),
    addShard: (hash, file) => orEnd(remote.addShard(hash, file)),
    missingShards: (leases) => orEnd(remote.missingShards(leases)),
    divide: (...args) => orEnd(remote.divide(...args)),
    async work(order, onStep) {
      let over = false;
      // Steps come through a channel of their own and may be behind the result.
      const report = proxy((...step: Parameters<OnStep>) => over || onStep(...step));
      try {
        return await orEnd(remote.work(moving(order, arraysOf(order)), report));
      } finally {
        over = true;
      }
    },
    contribute(manifest, works) {
      const gradients = works.map(({ gradient }) => gradient);
      return orEnd(remote.contribute(manifest, moving(works, gradients)));
    },
    cancel: () => orEnd(remote.cancel()),
    setThrottle: (share) => orEnd(remote.setThrottle(share)),
    time: (...args) => orEnd(remote.time(...args)),
    reduce: (...args) => orEnd(remote.reduce(...args)),
    apply: (...args) => orEnd(remote.apply(...args)),
    settle: (...args) => orEnd(remote.settle(...args)),
    preview: (round) => orEnd(remote.preview(round)),
    handOver: () => orEnd(remote.handOver()),
    takeOver: (handed) => orEnd(remote.takeOver(handed)),
    dispose: async () => terminate(),
  };
  return { port, died, terminate };
}

/** Moves the memory of arrays that own all of it, and copies others. */
function moving<T>(value: T, arrays: readonly (Uint8Array | Uint16Array | Float32Array)[]): T {
  const owned = arrays.flatMap(({ byteLength, buffer }) =>
    byteLength === buffer.byteLength && buffer instanceof ArrayBuffer ? [buffer] : [],
  );
  return transfer(value, owned);
}
