import { openStand } from './openStand.ts';
import type { StandRequest } from './task.ts';
import { yieldOnce } from './yieldOnce.ts';

const wasmPath = new URL('/wasm/', location.origin).href;
const answer = openStand({ wasmPath, clock: { now: () => performance.now(), pause: yieldOnce } });
addEventListener('message', ({ data }: MessageEvent<StandRequest>) => {
  void answer(data).then((reply) => postMessage(reply));
});
