import { proxy, transfer, wrap, type Endpoint } from 'comlink';
import type { EnginePort } from '@murmur/core/volunteer/ports';

export interface EngineThread {
  readonly endpoint: Endpoint;
  /** Rejects with a sentence when the thread has crashed; never resolves. */
  readonly crashed: Promise<never>;
  terminate(): void;
}

/**
 * An engine on another thread. `load` consumes its snapshot. When the thread crashes or is disposed of, every call
 * rejects, also those under way. `device` describes the machine; the engine adds what it computes with.
 */
export function workerEngine(thread: EngineThread, device: string): EnginePort {
  const remote = wrap<EnginePort>(thread.endpoint);
  let stop: (cause: Error) => void = () => undefined;
  const disposed = new Promise<never>((_, reject) => (stop = reject));
  // Whether or not a call is under way, a crash is reported through the calls.
  for (const end of [thread.crashed, disposed]) end.catch(() => undefined);
  const orCrash = <P extends Promise<unknown>>(call: P): Promise<Awaited<P>> =>
    Promise.race([call, thread.crashed, disposed]);

  return {
    async prepare(run) {
      const prepared = await orCrash(remote.prepare(run));
      return { ...prepared, device: `${device}, ${prepared.device}`.slice(0, 120) };
    },
    load: (snapshot, expected) => orCrash(remote.load(moving(snapshot), expected)),
    addShard: (hash, file) => orCrash(remote.addShard(hash, file)),
    missingShards: (leases) => orCrash(remote.missingShards(leases)),
    async train(manifest, leases, onStep) {
      let over = false;
      // Steps come through a channel of their own and may be behind the result.
      const report = proxy((...step: Parameters<typeof onStep>) => over || onStep(...step));
      try {
        return await orCrash(remote.train(manifest, leases, report));
      } finally {
        over = true;
      }
    },
    cancel: () => orCrash(remote.cancel()),
    reduce: (codec, length, part, contributions) =>
      orCrash(remote.reduce(codec, length, part, contributions)),
    apply: (manifest, updates) => orCrash(remote.apply(manifest, updates)),
    preview: (round) => orCrash(remote.preview(round)),
    async dispose() {
      thread.terminate();
      stop(new Error('The training worker was ended.'));
    },
  };
}

/** Resolves when the thread has crashed. */
export const sentenceOfCrash = ({ crashed }: EngineThread): Promise<string> =>
  crashed.catch((cause: unknown) => (cause instanceof Error ? cause.message : String(cause)));

/** Moves the memory of bytes that own all of it, and copies others. */
function moving(bytes: Uint8Array): Uint8Array {
  const owned = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return owned ? transfer(bytes, [bytes.buffer]) : bytes;
}
