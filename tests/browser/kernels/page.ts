import type { CheckedFiles, CheckOrder } from '../../reference/page/checkOrder.ts';
import { askWorker } from '../../support/askWorker.ts';
import type { Trained, TrainOrder } from './trainOrder.ts';
import type { Order } from './worker.ts';

declare global {
  interface Window {
    /** Trains a few steps in a worker of its own. */
    trainOn(order: TrainOrder): Promise<Trained>;
    checkFiles(order: CheckOrder): Promise<CheckedFiles>;
  }
}

const ask = <Answer>(order: Order): Promise<Answer> =>
  askWorker(new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' }), order);

window.trainOn = (train) => ask({ train });
window.checkFiles = (check) => ask({ check });
