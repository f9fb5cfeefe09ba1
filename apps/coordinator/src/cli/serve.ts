import QRCode from 'qrcode';
import { leasesLabels } from '@murmur/core/models/leasesLabels';
import type { Announcer, DoneFacts } from '../observe/announcer.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { noCounts } from '../edge/edgeCounts.ts';
import type { Edges, ListenOptions } from '../edge/listen.ts';
import { DEFAULT_LIMITS } from '../edge/limits.ts';
import type { Dataset } from '../ingest/dataset.ts';
import type { IngestOptions } from '../ingest/ingest.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import type { BlobStore } from '../store/blobStore.ts';
import type { RunStore } from '../store/runStore.ts';
import { addressBook, type AddressBook } from './addressBook.ts';
import { EXIT, sentenceOf } from './failure.ts';
import { checkLabels, LABELS_LEASED } from './leasedLabels.ts';
import type { LiveRun, OpenRun, ServeClock } from './liveRun.ts';
import type { ServeOptions } from './resolveOptions.ts';
import { fixedSettings, openRunDir, runFiles, type RunDir } from './runDir.ts';
import { superviseVolunteers, type VolunteerHost, type VolunteerProcess } from './superviseVolunteers.ts';

/** What `serve` is put together from; main.ts gives the real ones. */
export interface ServeParts {
  ingest(options: IngestOptions): Promise<IngestReport>;
  openDataset(dir: string): Promise<Dataset>;
  openStore(path: string): Promise<RunStore>;
  openBlobs(dir: string): Promise<BlobStore>;
  openRun: OpenRun;
  listen(options: ListenOptions): Promise<Edges>;
  startVolunteer(args: readonly string[], log: (line: string) => void): VolunteerProcess;
}

export interface ServeContext {
  readonly cwd: string;
  readonly clientDir: string;
  readonly isTerminal: boolean;
  readonly announcer: Announcer;
  readonly ingestReporter: () => IngestReporter;
  readonly log: {
    debug(facts: object, sentence: string): void;
    warn(facts: object, sentence: string): void;
    error(facts: object, sentence: string): void;
  };
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  readonly clock: ServeClock;
}

/** What must be undone at the end, last first. */
type Closers = (() => Promise<void> | void)[];

interface LiveRequest {
  readonly options: ServeOptions;
  readonly parts: ServeParts;
  readonly context: ServeContext;
  readonly closers: Closers;
  /** What is cut short because everything ends is no news. */
  readonly ending: () => boolean;
}

/** Runs the coordinator to its end. Resolves to the exit code; throws a sentence when it cannot go on. */
export async function serve(
  options: ServeOptions,
  parts: ServeParts,
  context: ServeContext,
): Promise<number> {
  const closers: Closers = [];
  let ended = false;
  const ending = () => ended || context.interrupted.aborted;
  try {
    return await Promise.race([
      live({ options, parts, context, closers, ending }),
      interruption(context.interrupted),
    ]);
  } finally {
    ended = true;
    for (const close of closers.reverse()) {
      await Promise.resolve(close()).catch((error: unknown) => {
        context.log.error({ error: sentenceOf(error) }, 'could not close cleanly');
      });
    }
  }
}

const interruption = (signal: AbortSignal): Promise<number> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve(EXIT.interrupted);
    signal.addEventListener('abort', () => resolve(EXIT.interrupted), { once: true });
  });

async function live({ options, parts, context, closers, ending }: LiveRequest): Promise<number> {
  const { announcer, clock, cwd } = context;
  const runDir = await openRunDir(options, cwd, clock.wallMs());
  closers.push(() => runDir.lock.release());
  const { dataset, report } = await openData(options, parts, context, runDir.dir);
  const store = await parts.openStore(runFiles.store(runDir.dir));
  closers.push(() => store.close());
  const versions = await parts.openBlobs(runFiles.versions(runDir.dir));
  const maps = await parts.openBlobs(runFiles.maps(runDir.dir));
  const urls = addressBook(options);
  const run = await parts.openRun({
    options,
    settings: fixedSettings(options, cwd),
    dir: runDir.dir,
    dataset,
    report,
    store,
    versions,
    maps,
    joinUrls: () => urls.join(),
    stunUrls: (host) => urls.stun(host),
    clock,
    onRound: (record) => announcer.round(record),
    onScore: (score) => announcer.score(score),
    onNoScores: (round, note) => announcer.noScores(round, note),
    onAlert: (level, sentence) => void (level !== 'info' && !ending() && announcer.note(sentence)),
  });
  closers.push(() => run.stop());
  // First of all: rounds that fail because everything ends must not enter the log.
  context.interrupted.addEventListener('abort', () => void run.stop(), { once: true });
  const edges = await openEdges({ options, context, parts, run, runDir, dataset, versions, maps, urls });
  closers.push(() => edges.close());
  urls.listening(edges.port);
  await announceReady({ options, context, run, runDir, urls });
  context.interrupted.throwIfAborted(); // What starts now would not be stopped any more.
  const volunteers = superviseVolunteers(options.volunteers, volunteerHost(parts, context, run, urls));
  closers.push(() => volunteers.stop());
  return untilDone(options, announcer, await run.done);
}

async function untilDone(options: ServeOptions, announcer: Announcer, facts: DoneFacts): Promise<number> {
  announcer.done(facts, { keepsServing: !options.once });
  if (options.once) return EXIT.success;
  return new Promise<number>(() => undefined); // Serves until it is interrupted.
}

async function openData(
  options: ServeOptions,
  parts: ServeParts,
  context: ServeContext,
  dir: string,
): Promise<{ dataset: Dataset; report: IngestReport }> {
  const reporter = context.ingestReporter();
  const withLabels = leasesLabels(options.objective);
  try {
    const report = await parts.ingest({
      source: options.data,
      outDir: runFiles.data(dir),
      seed: options.seed,
      withLabels,
      ...(options.imageSize === undefined ? {} : { imageSize: options.imageSize }),
      ...(options.patch === undefined ? {} : { patch: options.patch }),
      onProgress: (progress) => reporter.update(progress),
    });
    reporter.stop();
    checkLabels(report, withLabels);
    context.announcer.data(report);
    if (withLabels) context.announcer.note(LABELS_LEASED);
    return { report, dataset: await parts.openDataset(runFiles.data(dir)) };
  } finally {
    reporter.stop();
  }
}

interface EdgeRequest {
  readonly options: ServeOptions;
  readonly context: ServeContext;
  readonly parts: ServeParts;
  readonly run: LiveRun;
  readonly runDir: RunDir;
  readonly dataset: Dataset;
  readonly versions: BlobStore;
  readonly maps: BlobStore;
  readonly urls: AddressBook;
}

const openEdges = ({
  options,
  context,
  parts,
  run,
  runDir,
  dataset,
  versions,
  maps,
  urls,
}: EdgeRequest): Promise<Edges> =>
  parts.listen({
    host: options.host,
    port: options.port,
    coordinator: run.port,
    versions,
    maps,
    shardFile: (hash) => dataset.shardPath(hash),
    clientDir: context.clientDir,
    joinUrl: (withToken) => urls.shown(withToken),
    joinToken: options.joinToken,
    operatorToken: runDir.operatorToken,
    counts: noCounts(),
    limits: { ...DEFAULT_LIMITS, maxSocketsPerAddress: options.maxPerAddress },
    now: () => context.clock.now(),
    after: (ms, call) => void context.clock.after(ms, call),
    onError: (error) => context.log.error({ error: error.stack }, 'a request failed'),
    warn: (sentence) => run.alert('warning', sentence),
  });

async function announceReady(request: {
  options: ServeOptions;
  context: ServeContext;
  run: LiveRun;
  runDir: RunDir;
  urls: AddressBook;
}): Promise<void> {
  const { options, context, run, runDir, urls } = request;
  const join = urls.join();
  const [first = urls.local()] = join;
  const qr = options.json ? '' : await drawQr(first, context.isTerminal);
  const facts = {
    urls: { join, operator: urls.operator(runDir.operatorToken) },
    tokens: {
      operator: runDir.operatorToken,
      ...(options.joinToken === undefined ? {} : { join: options.joinToken }),
    },
    run: run.port.status().run.run,
    runDir: runDir.dir,
    port: urls.port(),
  };
  context.announcer.ready(facts, { qr, resumedAt: run.resumedAt, started: run.started });
}

/** In a terminal's own black and white, so that any camera reads it; plain blocks in a file. */
const drawQr = (url: string, isTerminal: boolean): Promise<string> =>
  QRCode.toString(url, isTerminal ? { type: 'terminal', small: true } : { type: 'utf8' });

function volunteerHost(
  parts: ServeParts,
  context: ServeContext,
  run: LiveRun,
  urls: AddressBook,
): VolunteerHost {
  return {
    start: (index) =>
      parts.startVolunteer([urls.local(), '--name', `local ${index + 1}`], (line) =>
        context.log.debug({ volunteer: index + 1 }, line),
      ),
    now: () => context.clock.now(),
    after: (ms, call) => context.clock.after(ms, call),
    onDeath: (index, sentence, restartMs) => {
      const again = `starts again in ${restartMs / 1000} s`;
      run.alert('warning', `Local volunteer ${index + 1} stopped (${sentence}) and ${again}.`);
    },
  };
}
