import { EXIT } from './failure.ts';

/** One Ctrl-C reaches a process several times: from the terminal, and passed on by npm and the start script. */
const SAME_KEYSTROKE_MS = 1000;

/**
 * The first SIGINT or SIGTERM asks for a clean stop; one more, later, calls `quit`. Returns the signal of the first.
 */
export function onInterrupt(now: () => number, quit: (code: number) => void): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const interrupt = () => {
    if (firstAt === undefined) {
      firstAt = now();
      controller.abort();
    } else if (now() - firstAt > SAME_KEYSTROKE_MS) quit(EXIT.interrupted);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  return controller.signal;
}
