import { parentPort } from 'node:worker_threads';
import { nodeWasmPath } from '../../reference/wasmPath.ts';
import { openStand } from './openStand.ts';
import type { StandRequest } from './task.ts';

const pause = (): Promise<void> => new Promise((done) => setImmediate(done));
const answer = openStand({ wasmPath: nodeWasmPath(), clock: { now: () => performance.now(), pause } });
parentPort?.on('message', (request: StandRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
