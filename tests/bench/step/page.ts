import type { StepTimes } from './measureSteps.ts';

declare global {
  interface Window {
    measureSteps(steps: number): Promise<StepTimes>;
  }
}

const worker = new Worker(new URL('./page.worker.ts', import.meta.url), { type: 'module' });

window.measureSteps = (steps) =>
  new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message));
    worker.onmessage = ({ data }: MessageEvent<{ times: StepTimes } | { error: string }>) =>
      'times' in data ? resolve(data.times) : reject(new Error(data.error));
    worker.postMessage(steps);
  });
