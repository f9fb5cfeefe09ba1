import type { EngineHandlers } from '../ports.ts';
import type { ComputeView } from '../view.ts';
import * as choosing from './choice.ts';
import type { SupervisorOptions } from './superviseEngine.ts';

const MOST_NOTICES = 20;
const LEAST_THROTTLE = 0.1;

const between = (least: number, most: number, value: number): number =>
  Math.min(most, Math.max(least, Number.isFinite(value) ? value : most));

/** What a machine is granted, what is decided about it, and who is told. */
export interface Board {
  choice(): choosing.Choice;
  choose(next: choosing.Choice): void;
  readonly granted: { readonly workers: number; readonly throttle: number };
  grant(changes: { workers?: number; throttle?: number }): void;
  /** Rounds are counted by the coordinator; notices name the newest one. */
  beginRound(round: number): void;
  /** Says it to whoever watches, and to the log. */
  notice(sentence: string): void;
  /** Workers that run. */
  setWorkers(count: number): void;
  watch(handlers: EngineHandlers): void;
  handlers(): EngineHandlers;
}

const NOBODY: EngineHandlers = {
  onCompute: () => undefined,
  onRestarted: () => undefined,
  onPrepared: () => undefined,
  onLost: () => undefined,
};

export function createBoard(options: SupervisorOptions): Board {
  const cores = Math.max(1, Math.floor(options.cores));
  const workersIn = (count: number) => Math.round(between(1, cores, count));
  const shareIn = (share: number) => between(LEAST_THROTTLE, 1, share);
  let granted = { workers: workersIn(options.workers), throttle: shareIn(options.throttle) };
  let choice = choosing.beginChoice(options.candidates, options.backend);
  let handlers = NOBODY;
  let notices: ComputeView['notices'] = [];
  let [round, workers] = [0, 0];

  const show = (): void =>
    handlers.onCompute({
      trials: choosing.trialsOf(choice),
      workers,
      wantedWorkers: granted.workers,
      cores,
      throttle: granted.throttle,
      notices,
    });

  return {
    choice: () => choice,
    choose(next) {
      choice = next;
      show();
    },
    get granted() {
      return granted;
    },
    grant(changes) {
      const { workers: wanted, throttle } = { ...granted, ...changes };
      granted = { workers: workersIn(wanted), throttle: shareIn(throttle) };
      show();
    },
    beginRound: (number) => void (round = number),
    notice(sentence) {
      notices = [...notices, { round, sentence }].slice(-MOST_NOTICES);
      options.log(round > 0 ? `Round ${round}: ${sentence}` : sentence);
      show();
    },
    setWorkers(count) {
      workers = count;
      show();
    },
    watch(watchers) {
      handlers = watchers;
      show();
    },
    handlers: () => handlers,
  };
}
