import type { RunInfo } from '../../protocol/run.ts';
import type { Clock, WorkerPort } from '../ports.ts';
import type { Board } from './board.ts';
import * as choosing from './choice.ts';
import { watchSilence } from './silence.ts';
import { sentenceOf, startWorker, within, type SpawnWorker, type WorkerThread } from './startWorker.ts';

/** What a worker may take to answer anything but a work order. */
const CALL_LIMIT_MS = 120_000;
/** A crash is told by the calls it ends and, about then, by the thread itself. */
const DEATH_MS = 100;

export interface Lead {
  readonly thread: WorkerThread;
  readonly backend: string;
}

/** The worker that holds the version. There is none from its failure on until `prepare`. */
export interface Leadership {
  current(): Lead | undefined;
  /** Starts a worker on the first backend that can be used, and builds the model. Ends the one before. */
  prepare(run: RunInfo): ReturnType<WorkerPort['prepare']>;
  /** Asks the lead. One that does not answer is replaced, which rejects the call. */
  ask<T>(call: (port: WorkerPort) => Promise<T>): Promise<T>;
  /** Ends a lead that has failed, and has the volunteer begin anew; nothing when it leads no more. */
  replace(broken: Lead, failure: choosing.Failure): void;
  /** Gives the lead's version to this one, which leads from then on. Rejects where it cannot. */
  passOn(next: Lead): Promise<void>;
  end(): void;
}

export interface LeadershipHost {
  readonly clock: Clock;
  readonly spawn: SpawnWorker;
  readonly board: Board;
  /** The lead is there or gone. */
  readonly onChange: (lead: Lead | undefined) => void;
  /** Whether a failure now costs an update. */
  readonly isTraining: () => boolean;
}

/** The first worker starts at once. */
export function createLeadership(host: LeadershipHost): Leadership {
  const { clock, board } = host;
  let lead: Lead | undefined;
  let hiring: Promise<Lead> | undefined;
  let preparations = 0;

  /** Begins to start a worker, so that it is there when it is asked for. */
  function warmUp(): Promise<Lead> {
    hiring ??= hireLead(host);
    // Whoever prepares hears of it.
    hiring.catch(() => undefined);
    return hiring;
  }

  function setLead(next: Lead | undefined): void {
    lead = next;
    host.onChange(next);
    void next?.thread.died.then((what) => replace(next, { what, deviceLost: false }));
  }

  function endLead(): void {
    lead?.thread.terminate();
    setLead(undefined);
  }

  function replace(broken: Lead, failure: choosing.Failure): void {
    if (lead !== broken) return;
    const cost = host.isTraining() ? '; that update was dropped' : '';
    endLead();
    board.choose(choosing.afterFailure(board.choice(), failure));
    const choice = board.choice();
    if (choice.running === undefined) return board.handlers().onLost(choosing.nothingLeft(choice));
    const sentence = `${failure.what}${cost}. ${choosing.goingOn(choice)}`;
    board.notice(sentence);
    void warmUp();
    board.handlers().onRestarted(sentence);
  }

  /** The model, or undefined when the worker failed and another one may be tried. */
  async function build(hired: Lead, run: RunInfo) {
    try {
      await hired.thread.port.setThrottle(board.granted.throttle);
      return await hired.thread.port.prepare(run);
    } catch (cause) {
      hired.thread.terminate();
      const death = await within(clock, DEATH_MS, hired.thread.died);
      // What is wrong with the model is so everywhere; a thread that died or a GPU has a successor.
      if (death === undefined && !choosing.isGpu(hired.backend)) throw cause;
      const failure = { what: death ?? sentenceOf(cause), deviceLost: death === undefined };
      board.choose(choosing.afterFailure(board.choice(), failure));
      board.notice(`${failure.what}. ${choosing.goingOn(board.choice())}`);
      return undefined;
    }
  }

  async function prepare(run: RunInfo): ReturnType<WorkerPort['prepare']> {
    const mine = ++preparations;
    const isLate = () => mine !== preparations;
    const late = () =>
      new Error(`prepare: run ${run.run} was ended, or another one prepared, while it was built.`);
    endLead();
    for (;;) {
      const hired = await warmUp().finally(() => void (isLate() || (hiring = undefined)));
      if (isLate()) throw late();
      const prepared = await build(hired, run);
      if (isLate()) {
        hired.thread.terminate();
        throw late();
      }
      if (!prepared) continue;
      setLead(hired);
      return prepared;
    }
  }

  async function ask<T>(call: (port: WorkerPort) => Promise<T>): Promise<T> {
    const leading = lead;
    if (!leading) throw new Error('The training worker is being started again.');
    const what = `The training worker did not answer for ${CALL_LIMIT_MS / 1e3} s`;
    const silent = () => replace(leading, { what, deviceLost: false });
    const watch = watchSilence(clock, () => CALL_LIMIT_MS, silent);
    try {
      return await call(leading.thread.port);
    } finally {
      watch.stop();
    }
  }

  void warmUp();
  return {
    current: () => lead,
    prepare,
    ask,
    replace,
    async passOn(next) {
      const before = lead;
      await next.thread.port.takeOver(await ask((port) => port.handOver()));
      if (!before || lead !== before) throw new Error('the version was lost meanwhile');
      setLead(next);
      before.thread.terminate();
    },
    end() {
      preparations++;
      const starting = hiring;
      hiring = undefined;
      endLead();
      starting?.then(({ thread }) => thread.terminate()).catch(() => undefined);
    },
  };
}

/** Starts a worker on the running backend, or, where it cannot be used, on the next one down. */
async function hireLead({ clock, spawn, board }: LeadershipHost): Promise<Lead> {
  for (let backend = board.choice().running; backend !== undefined; backend = board.choice().running) {
    const softwareToo = backend === board.choice().asked;
    const outcome = await startWorker({ clock, spawn }, { backend, softwareToo });
    if (outcome.kind === 'started') {
      board.choose(choosing.started(board.choice(), backend, outcome.title));
      return { thread: outcome.thread, backend };
    }
    board.choose(choosing.refused(board.choice(), backend, outcome.reason));
    board.notice(`${choosing.verdictOf(board.choice(), backend)} ${choosing.goingOn(board.choice())}`);
  }
  throw new Error(choosing.nothingLeft(board.choice()));
}
