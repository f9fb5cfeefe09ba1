/** npm run bench -- steady: whether a thousand training steps leave memory, tensors and the time of a step as they were. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesInUse } from '../../steadiness/bytesInUse.ts';
import { bundledPage, findChromium } from '../../support/bundledPage.ts';
import { median, rounded } from '../median.ts';
import type { BenchOptions } from '../options.ts';
import { steadyRun, type Stretch } from './steadyRun.ts';

/** Where the steps are taken. */
interface Track {
  readonly name: string;
  advance(steps: number): Promise<Stretch>;
  /** Bytes of the heap after a collection. */
  heapBytes(): Promise<number>;
  close(): Promise<void>;
}

async function nodeTrack(batch: number): Promise<Track> {
  const pause = () => new Promise<void>((done) => setImmediate(done));
  const advance = await steadyRun(batch, { now: () => performance.now(), pause });
  return { name: 'node', advance, heapBytes: bytesInUse, close: () => Promise.resolve() };
}

async function chromiumTrack(batch: number, executablePath: string): Promise<Track> {
  const { page, close } = await bundledPage(
    join(dirname(fileURLToPath(import.meta.url)), 'page'),
    executablePath,
  );
  const inspector = await page.context().newCDPSession(page);
  return {
    name: 'chromium',
    close,
    advance: (steps) =>
      page.evaluate(([size, count]) => window.advance(size, count), [batch, steps] as const),
    async heapBytes() {
      await inspector.send('HeapProfiler.collectGarbage');
      return (await inspector.send('Runtime.getHeapUsage')).usedSize;
    },
  };
}

export interface Snapshot {
  readonly step: number;
  readonly tensors: number;
  /** After a collection; in Node with the arrays beside the heap. */
  readonly heapBytes: number;
  readonly poolPages: number | null;
  readonly poolUsedBytes: number | null;
  readonly poolFreeBytes: number | null;
}

export interface Followed {
  readonly device: string;
  readonly settled: Snapshot;
  readonly end: Snapshot;
  /** Medians of the second and of the last tenth of the steps, and the latter over the former. */
  readonly earlyMs: number;
  readonly lateMs: number;
  readonly lateToEarly: number;
}

export interface SteadyResult {
  readonly bench: 'steady';
  readonly model: string;
  readonly batch: number;
  readonly steps: number;
  readonly node: Followed;
  /** Null without a Chromium. */
  readonly chromium: Followed | null;
}

const snapshotOf = (step: number, { tensors, pool }: Stretch, heapBytes: number): Snapshot => ({
  ...{ step, tensors, heapBytes },
  ...{
    poolPages: pool?.pages ?? null,
    poolUsedBytes: pool?.usedBytes ?? null,
    poolFreeBytes: pool?.freeBytes ?? null,
  },
});

/** Trains `steps` steps; the first tenth settles, the second and the last are compared. */
async function follow(track: Track, steps: number, log: (line: string) => void): Promise<Followed> {
  const tenth = Math.max(1, Math.floor(steps / 10));
  const advance = async (count: number, what: string): Promise<Stretch> => {
    const stretch = await track.advance(count);
    log(
      `steady ${track.name}: ${what}, ${median(stretch.ms).toFixed(1)} ms a step, ${stretch.tensors} tensors`,
    );
    return stretch;
  };
  const settling = await advance(tenth, `${tenth} steps to settle`);
  const settled = snapshotOf(tenth, settling, await track.heapBytes());
  const early = await advance(tenth, `${tenth} early steps`);
  for (let done = 2 * tenth; done < steps - tenth; done += tenth)
    await advance(Math.min(tenth, steps - tenth - done), `after step ${done}`);
  const late = await advance(tenth, `the last ${tenth} steps`);
  const [earlyMs, lateMs] = [median(early.ms), median(late.ms)];
  return {
    device: late.device,
    settled,
    end: snapshotOf(steps, late, await track.heapBytes()),
    earlyMs: rounded(earlyMs),
    lateMs: rounded(lateMs),
    lateToEarly: rounded(lateMs / earlyMs),
  };
}

async function followed(track: Track, steps: number, log: (line: string) => void): Promise<Followed> {
  try {
    return await follow(track, steps, log);
  } finally {
    await track.close();
  }
}

export async function steady(options: BenchOptions): Promise<SteadyResult> {
  const { log, batch = 64, quick } = options;
  const steps = options.steps ?? (quick ? 30 : 1000);
  const path = findChromium();
  if (path === undefined) log('bench: no Chromium found; set CHROME_PATH to measure it');
  const node = await followed(await nodeTrack(batch), steps, log);
  const chromium = path === undefined ? null : await followed(await chromiumTrack(batch, path), steps, log);
  return {
    ...{ bench: 'steady', model: 'tiny masked autoencoder, 32×32×1, patch 4', batch, steps },
    ...{ node, chromium },
  };
}
