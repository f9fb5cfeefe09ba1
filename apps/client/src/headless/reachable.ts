import type { Clock } from '@murmur/core/volunteer/ports';

const ATTEMPTS = 5;
const PAUSE_MS = 1_000;
const ANSWER_MS = 5_000;

/** Whether a coordinator answers at this address; otherwise a sentence. Tries for a few seconds, it may just start. */
export async function whyUnreachable(origin: string, clock: Clock): Promise<string | undefined> {
  let why = '';
  for (let tried = 1; tried <= ATTEMPTS; tried++) {
    try {
      const response = await fetch(`${origin}/api/run`, { signal: AbortSignal.timeout(ANSWER_MS) });
      const answer: unknown = await response.json();
      if (response.ok && typeof answer === 'object' && answer !== null && 'run' in answer) return undefined;
      return `At ${origin} something else than a murmur coordinator answers. Check the address.`;
    } catch (cause) {
      why = causeOf(cause);
      if (cause instanceof SyntaxError)
        return `At ${origin} something else than a murmur coordinator answers. Check the address.`;
    }
    if (tried < ATTEMPTS) await new Promise<void>((resolve) => clock.after(PAUSE_MS, resolve));
  }
  return `The coordinator at ${origin} does not answer (${why}). Check the address, that it is running, and that this machine is on its network.`;
}

/** fetch hides the reason, such as ECONNREFUSED, in the cause. */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error)
    return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message;
  return error.message;
}
