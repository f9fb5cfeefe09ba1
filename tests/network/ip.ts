import { spawnSync } from 'node:child_process';

/** Runs a command to its end. Throws with what it said when it fails. */
export function run(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
}

/** Whether a command succeeds, or why it does not. */
export function tryTo(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

export const ip = (...args: readonly string[]): string => run('ip', ...args);
