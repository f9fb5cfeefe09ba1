import type { StepTimes } from './measureSteps.ts';
import type { MeterChoice } from './page.worker.ts';

declare global {
  interface Window {
    measureSteps(choice: MeterChoice, steps: number): Promise<StepTimes>;
  }
}

/** One worker a choice: a thread has one backend. */
const workers = new Map<MeterChoice, Worker>();

function workerOf(choice: MeterChoice): Worker {
  const worker =
    workers.get(choice) ?? new Worker(new URL('./page.worker.ts', import.meta.url), { type: 'module' });
  workers.set(choice, worker);
  return worker;
}

window.measureSteps = (choice, steps) =>
  new Promise((resolve, reject) => {
    const worker = workerOf(choice);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<{ times: StepTimes } | { error: string }>) =>
      'times' in data ? resolve(data.times) : reject(new Error(data.error));
    worker.postMessage({ choice, steps });
  });
