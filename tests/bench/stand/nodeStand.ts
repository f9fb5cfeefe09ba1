import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Stand, StandBackend, StandReply, StandRequest } from './task.ts';

export function measuredOf(reply: StandReply): Exclude<StandReply, { error: string }> {
  if ('error' in reply) throw new Error(`stand: ${reply.error}`);
  return reply;
}

/** A stand on a thread of Node. */
export function nodeStand(backend: StandBackend): Stand {
  const worker = new Worker(new URL('./stand.worker.mjs', import.meta.url));
  return {
    async perform(task, count) {
      worker.postMessage({ backend, task, count } satisfies StandRequest);
      const [reply] = (await once(worker, 'message')) as [StandReply];
      return measuredOf(reply);
    },
    close: async () => void (await worker.terminate()),
  };
}
