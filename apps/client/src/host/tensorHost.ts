import {
  backendNames,
  backendTitle,
  deviceLoss,
  outOfMemory,
  softwareRenderer,
  startBackend,
  type BackendName,
  type WasmPath,
} from '@murmur/core/tensor/backend';
import { checkGoldenGradient, type GoldenOutcome } from '@murmur/core/train/goldenGradient';
import { createTrainer } from '@murmur/core/train/trainer';
import type { EngineHost } from '@murmur/core/engine/engine';
import { trainerClock } from './hostClock.ts';

const refused = (reason: string) => ({ kind: 'refused', reason }) as const;

/** What a library says that was asked for a backend; who asked and what to do are known here. */
const why = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause))
    .replace(/^startBackend: /, '')
    .replace(/: leave the backend out.*$/, '');

export interface TensorHostOptions {
  /** Where the files of tfjs's wasm backend lie. */
  readonly wasmPath: WasmPath;
  /** Lets other work of this thread run, sooner than a timer would. */
  readonly yieldOnce: () => Promise<void>;
  /** Whether the backend that runs computes the right gradients. */
  readonly check?: () => Promise<GoldenOutcome>;
}

/** The tensor library of a worker thread, as the engine needs it. */
export function tensorHost({
  wasmPath,
  yieldOnce,
  check = checkGoldenGradient,
}: TensorHostOptions): EngineHost {
  const clock = trainerClock(yieldOnce);
  let running: BackendName | undefined;
  return {
    async start({ backend: wanted, softwareToo }) {
      const backend = backendNames.find((name) => name === wanted);
      if (backend === undefined) return refused(`there is no backend "${wanted}"`);
      try {
        await startBackend({ backend, wasmPath });
        if (softwareRenderer() && !softwareToo) return refused('software renderer');
        const verdict = await check();
        if (verdict.kind === 'differs') return refused(verdict.reason);
      } catch (cause) {
        return refused(why(cause));
      }
      running = backend;
      return { kind: 'started', title: backendTitle() };
    },
    makeTrainer: (spec) => createTrainer(spec, { backend: running, wasmPath, clock }),
    isDeviceLost: (sentence) => deviceLoss() !== undefined || outOfMemory(sentence) !== undefined,
    now: () => clock.now(),
  };
}
