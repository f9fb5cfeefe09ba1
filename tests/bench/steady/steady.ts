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

const snapshotOf = (step: number, { tensors, pool }: Stretch, heapBytes: number): object => ({
  ...{ step, tensors, heapBytes },
  ...{
    poolPages: pool?.pages ?? null,
    poolUsedBytes: pool?.usedBytes ?? null,
    poolFreeBytes: pool?.freeBytes ?? null,
  },
});

/** Trains `steps` steps; the first tenth settles, the second and the last are compared. */
async function follow(track: Track, steps: number, log: (line: string) => void): Promise<object> {
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

export async function steady(options: BenchOptions): Promise<object> {
  const { log, batch = 64, quick } = options;
  const steps = options.steps ?? (quick ? 30 : 1000);
  const path = findChromium();
  if (path === undefined) log('bench: no Chromium found; set CHROME_PATH to measure it');
  const result: Record<string, object | number | string | null> = {
    ...{ bench: 'steady', model: 'tiny masked autoencoder, 32×32×1, patch 4', batch, steps },
    ...{ node: null, chromium: null },
  };
  for (const open of [
    nodeTrack,
    ...(path === undefined ? [] : [(size: number) => chromiumTrack(size, path)]),
  ]) {
    const track = await open(batch);
    try {
      result[track.name] = await follow(track, steps, log);
    } finally {
      await track.close();
    }
  }
  return result;
}
