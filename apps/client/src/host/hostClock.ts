import type { Clock as TrainerClock } from '@murmur/core/train/trainer';
import type { Clock } from '@murmur/core/volunteer/ports';

/** The clock of a page or of Node. */
export const hostClock: Clock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/** A clock for the trainer; `yieldOnce` lets other work of the thread run, sooner than a timer would. */
export const trainerClock = (yieldOnce: () => Promise<void>): TrainerClock => ({
  now: () => performance.now(),
  pause: (ms = 0) => (ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : yieldOnce()),
});
