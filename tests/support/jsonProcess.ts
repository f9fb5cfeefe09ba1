import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const ROOT = resolve(import.meta.dirname, '../..');

type JsonLine = Readonly<Record<string, unknown>> & { readonly event: string };

/** A process that prints one JSON object a line, each with an `event`. */
export interface JsonProcess {
  readonly child: ChildProcess;
  /** All events so far. */
  readonly events: readonly JsonLine[];
  /** The end of what was printed on stderr. */
  errors(): string;
  /** The first event, past or to come, that fits; rejects with what was printed when the process ends before. */
  until(fits: (event: JsonLine) => boolean): Promise<JsonLine>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface StartOptions {
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the process, such as one that enters a network namespace: it is put before it. */
  readonly within?: readonly string[];
}

/** Starts a TypeScript entry of this checkout. */
export function startJson(
  entry: string,
  args: readonly string[],
  { env = {}, within = [] }: StartOptions = {},
): JsonProcess {
  const line = [...within, process.execPath, '--import', 'tsx', resolve(ROOT, entry), ...args];
  const child = spawn(line[0] ?? process.execPath, line.slice(1), {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: JsonLine[] = [];
  const waiting = new Set<() => void>();
  let errors = '';
  let ended = false;
  const wake = () => waiting.forEach((check) => check());
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(JSON.parse(line) as JsonLine);
    wake();
  });
  child.stderr.on('data', (chunk: Buffer) => (errors = `${errors}${chunk.toString()}`.slice(-4_000)));
  child.on('exit', () => {
    ended = true;
    wake();
  });
  return {
    child,
    events,
    errors: () => errors,
    until: (fits) =>
      new Promise((found, failed) => {
        const check = () => {
          const event = events.find(fits);
          if (!event && !ended) return;
          waiting.delete(check);
          if (event) found(event);
          else
            failed(
              new Error(
                `${entry} ended before the event came. It printed ${JSON.stringify(events.slice(-3))} and ${errors}`,
              ),
            );
        };
        waiting.add(check);
        check();
      }),
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}
