import type { Clock } from '../ports.ts';

/** The limit passes in slices, so that a machine that slept through it does not blame its workers. */
const SLICES = 10;

export interface SilenceWatch {
  /** Begins the limit anew. */
  heard(): void;
  stop(): void;
}

/** Calls `onSilent` once when nothing was heard for `limitMs()`. */
export function watchSilence(clock: Clock, limitMs: () => number, onSilent: () => void): SilenceWatch {
  let passed = 0;
  let cancel: () => void = () => undefined;
  const wait = (): void => {
    cancel = clock.after(limitMs() / SLICES, () => {
      passed++;
      if (passed >= SLICES) onSilent();
      else wait();
    });
  };
  wait();
  return { heard: () => void (passed = 0), stop: () => cancel() };
}

/** No step seen yet: shaders are compiled and pools filled in the first one. */
const FIRST_LIMIT_MS = 120_000;
const LEAST_LIMIT_MS = 30_000;
const STEPS_PER_LIMIT = 20;
const STEPS_KEPT = 31;

/** The steps of a worker, and for how long it may say nothing. */
export interface StepTimes {
  add(stepMs: number): void;
  limitMs(): number;
}

export function createStepTimes(): StepTimes {
  const kept: number[] = [];
  return {
    add(stepMs) {
      kept.push(stepMs);
      if (kept.length > STEPS_KEPT) kept.shift();
    },
    limitMs() {
      const median = [...kept].sort((a, b) => a - b)[Math.floor(kept.length / 2)];
      return median === undefined ? FIRST_LIMIT_MS : Math.max(LEAST_LIMIT_MS, STEPS_PER_LIMIT * median);
    },
  };
}
