import { Worker } from 'node:worker_threads';
import type { LearningAnswer, LearningRequest, LearningSetup, LearningValue } from './learningMessages.ts';

export type ThreadFailure = 'failed' | 'crashed' | 'superseded' | 'closed';

/** Why a call to the thread has no result; the message is a sentence for the operator. */
export class LearningError extends Error {
  override readonly name = 'LearningError';
  readonly reason: ThreadFailure;

  constructor(reason: ThreadFailure, sentence: string) {
    super(sentence);
    this.reason = reason;
  }
}

export interface LearningThread {
  /** Answers one call at a time, in order. Rejects with LearningError. */
  call(request: LearningRequest): Promise<LearningValue>;
  /** Ends the thread; what is under way rejects as closed. */
  close(): Promise<void>;
}

interface Call {
  readonly request: LearningRequest;
  readonly resolve: (value: LearningValue) => void;
  readonly reject: (error: LearningError) => void;
}

export interface ThreadOptions {
  /** Another script, for tests. */
  readonly script?: URL;
  /** A call that takes longer counts as a crash. */
  readonly deadlineMs?: number;
}

const RESPAWNS = 1;
const SCRIPT = new URL('./learning.worker.mjs', import.meta.url);

/** A thread that starts at its first call and is started once more after a crash. */
export function createLearningThread(
  setup: LearningSetup,
  { script = SCRIPT, deadlineMs = 15 * 60_000 }: ThreadOptions = {},
): LearningThread {
  const waiting: Call[] = [];
  let current: Call | undefined;
  let worker: Worker | undefined;
  let deadline: NodeJS.Timeout | undefined;
  let crashes = 0;
  let closed = false;

  function spawn(): Worker {
    const started = new Worker(script, { workerData: setup });
    started.on('message', (answer: LearningAnswer) => settle(answer));
    started.on('error', (error: Error) => crash(started, error.message));
    started.on('exit', (code) => crash(started, `it ended with code ${code}`));
    return started;
  }

  function take(): Call | undefined {
    clearTimeout(deadline);
    const taken = current;
    current = undefined;
    return taken;
  }

  function settle(answer: LearningAnswer): void {
    const done = take();
    if (answer.type === 'failed') done?.reject(new LearningError('failed', answer.sentence));
    else done?.resolve(answer);
    next();
  }

  function crash(from: Worker, cause: string): void {
    if (closed || from !== worker) return;
    worker = undefined;
    crashes++;
    take()?.reject(new LearningError('crashed', `The evaluation thread crashed: ${cause}.`));
    next();
  }

  function next(): void {
    if (current !== undefined) return;
    current = waiting.shift();
    if (current === undefined) return;
    if (worker === undefined && crashes > RESPAWNS) {
      take()?.reject(
        new LearningError(
          'crashed',
          `The evaluation thread crashed ${crashes} times and is not started again.`,
        ),
      );
      return next();
    }
    const running = (worker ??= spawn());
    deadline = setTimeout(() => {
      crash(running, `it gave no answer for ${deadlineMs / 1000} s`);
      void running.terminate();
    }, deadlineMs);
    running.postMessage(current.request);
  }

  return {
    call: (request) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closedError());
        waiting.push({ request, resolve, reject });
        next();
      }),
    async close() {
      closed = true;
      for (const call of [take(), ...waiting.splice(0)]) call?.reject(closedError());
      await worker?.terminate();
    },
  };
}

const closedError = (): LearningError =>
  new LearningError('closed', 'The evaluation ended because the coordinator is stopping.');
