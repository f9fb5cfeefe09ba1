/** Trains on the page's own thread: the heap of a page can be asked for, that of its worker cannot. */
import { yieldOnce } from '../../stand/yieldOnce.ts';
import { steadyRun, type Stretch } from '../steadyRun.ts';

declare global {
  interface Window {
    /** Trains on; the first call starts the run, whose batch stays. */
    advance(batch: number, steps: number): Promise<Stretch>;
  }
}

function advancer(): Window['advance'] {
  const clock = { now: () => performance.now(), pause: yieldOnce };
  let run: ReturnType<typeof steadyRun> | undefined;
  return async (batch, steps) => {
    run ??= steadyRun(batch, clock);
    return (await run)(steps);
  };
}

window.advance = advancer();
