import { askWorker } from '../../support/askWorker.ts';
import type { CheckedFiles, CheckOrder } from './checkOrder.ts';

declare global {
  interface Window {
    /** Checks golden files on a backend, in a worker of its own: a thread has one backend. */
    checkFiles(order: CheckOrder): Promise<CheckedFiles>;
  }
}

window.checkFiles = (order) =>
  askWorker(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }), order);
