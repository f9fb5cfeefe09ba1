import { openStand } from './openStand.ts';
import type { StandRequest } from './task.ts';

/** A message to oneself: timers of a worker are clamped to 4 ms, a message is not. */
const pause = (): Promise<void> =>
  new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(undefined);
  });

const wasmPath = new URL('/wasm/', location.origin).href;
const answer = openStand({ wasmPath, clock: { now: () => performance.now(), pause } });
addEventListener('message', ({ data }: MessageEvent<StandRequest>) => {
  void answer(data).then((reply) => postMessage(reply));
});
