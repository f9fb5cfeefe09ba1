import { resolve } from 'node:path';
import { openRun } from '@murmur/coordinator/cli/openRun';
import { resolveOptions } from '@murmur/coordinator/cli/resolveOptions';
import { serve, type ServeContext, type ServeParts } from '@murmur/coordinator/cli/serve';
import { listen } from '@murmur/coordinator/edge/listen';
import { openDataset } from '@murmur/coordinator/ingest/dataset';
import { ingest } from '@murmur/coordinator/ingest/ingest';
import type { Announcer } from '@murmur/coordinator/observe/announcer';
import { fileBlobStore } from '@murmur/coordinator/store/fileBlobStore';
import { sqliteRunStore } from '@murmur/coordinator/store/sqliteRunStore';

export const OPERATOR_TOKEN = 'the-operators-token';
/** What the run believes to listen at, so that its addresses are the same in every run. */
const SHOWN_PORT = 7600;

export interface RunSource {
  /** The data set. */
  readonly data: string;
  /** For the run. */
  readonly dir: string;
  readonly clientDir: string;
  /** In the place of a real part, where a leak is planted. */
  readonly over?: Partial<ServeParts>;
}

export interface ServedRun {
  readonly port: number;
  /** Resolves when the target is met, the last version scored and the encoder exported. */
  readonly done: Promise<void>;
  stop(): Promise<void>;
}

/** Time stands still; what is to happen later happens at `pass`. */
function handClock() {
  let timers: (() => void)[] = [];
  return {
    wallMs: () => 1e12,
    now: () => 0,
    after(_: number, call: () => void) {
      timers.push(call);
      return () => void (timers = timers.filter((timer) => timer !== call));
    },
    pass() {
      const due = timers;
      timers = [];
      due.forEach((call) => call());
    },
  };
}

function signal<T>() {
  let give: (value: T) => void = () => undefined;
  const given = new Promise<T>((found) => (give = found));
  return { given, give: (value: T) => give(value) };
}

const optionsOf = ({ data, dir }: RunSource) =>
  resolveOptions({
    flags: {
      ...{ data, runDir: resolve(dir, 'run'), host: '127.0.0.1', port: '0', volunteers: '0', json: true },
      ...{ rounds: '2', innerSteps: '2', batchSize: '8', scoreEvery: '0' },
      // Small pictures: the probe of raw pixels takes the cube of their size.
      ...{ imageSize: '16', patch: '8' },
      operatorToken: OPERATOR_TOKEN,
    },
    env: {},
    file: undefined,
  });

/** All that `murmur serve` is made of, at work in this process: ingest, store, run, scorer, HTTP and sockets. */
export async function serveRun(source: RunSource): Promise<ServedRun> {
  const clock = handClock();
  const [port, done] = [signal<number>(), signal<void>()];
  const stop = new AbortController();
  const parts: ServeParts = {
    ...{ ingest, openDataset, openRun, openStore: sqliteRunStore, openBlobs: fileBlobStore },
    async listen(options) {
      const edges = await listen(options);
      port.give(edges.port);
      return { ...edges, port: SHOWN_PORT };
    },
    startVolunteer() {
      throw new Error('serveRun: expected no local volunteers');
    },
    ...source.over,
  };
  const announcer = announcerOf({
    // After what the round still has to say, so that pages are told at the same point of every run.
    round: () => queueMicrotask(clock.pass),
    done() {
      clock.pass();
      done.give();
    },
  });
  const context = contextOf(source, { announcer, clock, interrupted: stop.signal });
  const ended = serve(optionsOf(source), parts, context);
  return {
    port: await Promise.race([port.given, ended]),
    done: Promise.race([done.given, ended.then(() => undefined)]),
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

const nothing = (): void => undefined;

const announcerOf = (over: Pick<Announcer, 'round' | 'done'>): Announcer => ({
  ...{ data: nothing, ready: nothing, score: nothing, noScores: nothing, note: nothing, failed: nothing },
  ...over,
});

const contextOf = (
  { dir, clientDir }: RunSource,
  own: Pick<ServeContext, 'announcer' | 'clock' | 'interrupted'>,
): ServeContext => ({
  ...{ cwd: dir, clientDir, isTerminal: false, ...own },
  ingestReporter: () => ({ update: nothing, stop: nothing }),
  log: { debug: nothing, warn: nothing, error: nothing },
});
