import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import type { EngineHost } from '@murmur/core/engine/engine';
import { tensorHost, type TensorHostOptions } from './tensorHost.ts';

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

/** The tensor library in a module worker of a page. */
export const pageTensorHost = (options: Pick<TensorHostOptions, 'check'> = {}): EngineHost =>
  tensorHost({ wasmPath, yieldOnce, ...options });
