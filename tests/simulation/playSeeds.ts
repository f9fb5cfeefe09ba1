import { Worker } from 'node:worker_threads';
import type { Planted } from './scenario.ts';
import type { Outcome } from './world.ts';

/** Plays consecutive seeds on so many threads; `onOutcome` hears of each as it ends, in no fixed order. */
export async function playSeeds(
  plan: { first: number; count: number; threads: number; planted: Planted | undefined },
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  let next = plan.first;
  const end = plan.first + plan.count;
  const play = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./seeds.worker.mjs', import.meta.url));
      const ask = (): void => {
        if (next < end) worker.postMessage({ seed: next++, planted: plan.planted });
        else void worker.terminate().then(() => resolve());
      };
      worker.on('message', (outcome: Outcome) => {
        onOutcome(outcome);
        ask();
      });
      worker.on('error', reject);
      ask();
    });
  await Promise.all(Array.from({ length: Math.min(plan.threads, plan.count) }, play));
}
