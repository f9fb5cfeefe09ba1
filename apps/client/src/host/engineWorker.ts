/** The module worker of a page: the engine with the tensor library, away from the thread that draws. */
import { createTrainer } from '@murmur/core/train/trainer';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import { exposeEngine } from './exposeEngine.ts';
import { trainerClock } from './hostClock.ts';

const wasmPath = {
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  // Threads need a secure context; the backend is told not to use them, but wants the name.
  'tfjs-backend-wasm-threaded-simd.wasm': simd,
};

/** A message to oneself: timers of a worker are clamped to 4 ms, a message is not. */
function yieldOnce(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}

const clock = trainerClock(yieldOnce);
exposeEngine((spec) => createTrainer(spec, { wasmPath, clock }));
