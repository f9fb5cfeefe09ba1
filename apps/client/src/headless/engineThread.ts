/** The worker thread of a headless volunteer: the engine with the tensor library. */
import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';
import { parentPort } from 'node:worker_threads';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { exposeEngine } from '../host/exposeEngine.ts';
import { tensorHost } from '../host/tensorHost.ts';

if (!parentPort)
  throw new Error('engineThread.ts: expected to run in a worker thread; start engine.worker.mjs');
const wasm = createRequire(import.meta.url).resolve(
  '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm',
);
const yieldOnce = () => new Promise<void>((resolve) => setImmediate(resolve));
exposeEngine(tensorHost({ wasmPath: dirname(wasm) + sep, yieldOnce }), nodeEndpoint(parentPort));
