/** Plays the seeds that it is sent, and answers each with its outcome. */
import { parentPort } from 'node:worker_threads';
import type { Planted } from './scenario.ts';
import { simulate } from './world.ts';

parentPort?.on('message', ({ seed, planted }: { seed: number; planted: Planted | undefined }) => {
  parentPort?.postMessage(simulate(seed, planted));
});
