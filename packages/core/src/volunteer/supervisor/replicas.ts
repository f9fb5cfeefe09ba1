import type { RunInfo } from '../../protocol/run.ts';
import type { Clock } from '../ports.ts';
import { sentenceOf, startWorker, type SpawnWorker, type WorkerThread } from './startWorker.ts';

/** Replicas that end one after the other, without a share done in between, are not replaced any more. */
const MOST_LOSSES = 3;

/** The workers beside the lead: they are given work orders and hold no version. */
export interface Replicas {
  /** Starts as many as are missing to `count`, for this run and backend. */
  hire(count: number, crew: { run: RunInfo; backend: string }): void;
  /** Ends all beyond `count`. */
  trim(count: number): void;
  ready(): readonly WorkerThread[];
  /** All that run, also those that still start. */
  all(): readonly WorkerThread[];
  /** One has failed: it is ended, and not counted at the next `hire`. */
  dismiss(thread: WorkerThread): void;
  /** One did its share. */
  praise(): void;
  end(): void;
}

export interface ReplicaHost {
  readonly clock: Clock;
  readonly spawn: SpawnWorker;
  readonly throttle: () => number;
  readonly onChange: () => void;
  readonly onLost: (sentence: string) => void;
}

export function createReplicas(host: ReplicaHost): Replicas {
  const threads = new Map<WorkerThread, 'starting' | 'ready'>();
  let losses = 0;
  /** Counts up when all end, so that those that still start then are ended too. */
  let generation = 0;

  const spawn: SpawnWorker = () => {
    const thread = host.spawn();
    threads.set(thread, 'starting');
    void thread.died.then((sentence) => lose(thread, sentence));
    return thread;
  };

  function drop(thread: WorkerThread): boolean {
    if (!threads.delete(thread)) return false;
    thread.terminate();
    host.onChange();
    return true;
  }

  function lose(thread: WorkerThread, sentence: string): void {
    if (!drop(thread)) return;
    losses++;
    host.onLost(sentence);
  }

  async function add({ run, backend }: { run: RunInfo; backend: string }): Promise<void> {
    const mine = generation;
    let hired: WorkerThread | undefined;
    const spawnOne = () => (hired = spawn());
    const outcome = await startWorker({ clock: host.clock, spawn: spawnOne }, { backend, softwareToo: true });
    if (!hired || mine !== generation || !threads.has(hired)) return;
    if (outcome.kind === 'refused') return lose(hired, outcome.reason);
    try {
      await hired.port.setThrottle(host.throttle());
      await hired.port.prepare(run);
    } catch (cause) {
      return lose(hired, sentenceOf(cause));
    }
    if (!threads.has(hired)) return;
    threads.set(hired, 'ready');
    host.onChange();
  }

  return {
    hire(count, crew) {
      if (losses >= MOST_LOSSES) return;
      for (let missing = count - threads.size; missing > 0; missing--) void add(crew);
    },
    trim(count) {
      for (const thread of [...threads.keys()].slice(count)) drop(thread);
    },
    ready: () => [...threads].flatMap(([thread, state]) => (state === 'ready' ? [thread] : [])),
    all: () => [...threads.keys()],
    dismiss(thread) {
      if (drop(thread)) losses++;
    },
    praise: () => void (losses = 0),
    end() {
      generation++;
      losses = 0;
      for (const thread of [...threads.keys()]) drop(thread);
    },
  };
}
