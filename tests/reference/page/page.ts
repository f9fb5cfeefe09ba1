import type { CheckedFiles, CheckOrder } from './worker.ts';

declare global {
  interface Window {
    /** Checks golden files on a backend, in a worker of its own: a thread has one backend. */
    checkFiles(order: CheckOrder): Promise<CheckedFiles>;
  }
}

window.checkFiles = (order) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    const end = (settle: () => void) => {
      worker.terminate();
      settle();
    };
    worker.onmessage = ({ data }: MessageEvent<CheckedFiles>) => end(() => resolve(data));
    worker.onerror = ({ message }) => end(() => reject(new Error(message)));
    worker.postMessage(order);
  });
