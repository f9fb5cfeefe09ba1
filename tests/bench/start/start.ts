/** npm run bench -- start: how long from Join to the first training step, and what the page's scripts weigh. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, type InputType } from 'node:zlib';
import type { BrowserContext } from 'playwright-core';
import { findChromium } from '../../support/bundledPage.ts';
import { startChromium } from '../../support/browser.ts';
import { ROOT, startJson } from '../../support/jsonProcess.ts';
import { median, rounded } from '../median.ts';
import type { BenchOptions } from '../options.ts';
import { DIST, pageScripts, type PageScript } from './pageScripts.ts';

export interface JoinTimes {
  /** Milliseconds from the press of Join until the page says that it trains, and that its first step is done. */
  readonly trainingMs: number;
  readonly firstStepMs: number;
}

declare global {
  interface Window {
    /** Of watchJoin.js; resolves when the first step is done. */
    joinTimes: Promise<JoinTimes>;
  }
}

const run = promisify(execFile);
const brotli = promisify<InputType, Buffer>(brotliCompress);

/** Leaves apps/client/dist as the sources say. */
const buildPages = () =>
  run(process.execPath, ['-e', "import('./scripts/buildClient.mjs').then((m) => m.buildClient())"], {
    cwd: ROOT,
  });

const serve = (dir: string) =>
  startJson('apps/coordinator/src/main.ts', [
    ...[
      'serve',
      '--data',
      'glyphs',
      '--preset',
      'tiny',
      '--rounds',
      '100000',
      '--volunteers',
      '0',
      '--score-every',
      '0',
    ],
    ...['--eval-samples', '64', '--port', '0', '--run-dir', join(dir, 'run'), '--json'],
  ]);

/** One visit: opens the page, waits until it knows the run, presses Join, and leaves after the first step. */
async function visit(context: BrowserContext, url: string): Promise<JoinTimes> {
  const page = await context.newPage();
  await page.addInitScript({ path: join(import.meta.dirname, 'watchJoin.js') });
  await page.goto(url);
  await page.locator('.facts').waitFor();
  await page.getByRole('button', { name: /^join/i }).click();
  const times = await page.evaluate(() => window.joinTimes);
  await page.getByRole('button', { name: 'Leave' }).click();
  await page.locator('[data-phase=left]').waitFor();
  await page.close();
  return times;
}

interface Visits {
  readonly cold: JoinTimes;
  readonly warm: readonly JoinTimes[];
  /** Names of the scripts that the browser asked for. */
  readonly loaded: ReadonlySet<string>;
}

async function visits(url: string, count: number, log: (line: string) => void): Promise<Visits> {
  const browser = await startChromium();
  try {
    const context = await browser.newContext();
    const loaded = new Set<string>();
    context.on('request', (request) => loaded.add(basename(new URL(request.url()).pathname)));
    const one = async (name: string): Promise<JoinTimes> => {
      const times = await visit(context, url);
      log(
        `start ${name}: training after ${times.trainingMs.toFixed(0)} ms, first step done after ${times.firstStepMs.toFixed(0)} ms`,
      );
      return times;
    };
    const cold = await one('first visit');
    const warm: JoinTimes[] = [];
    for (let i = 1; i <= count; i++) warm.push(await one(`warm visit ${i}/${count}`));
    return { cold, warm, loaded };
  } finally {
    await browser.close();
  }
}

async function measureJoin({ rounds, quick, log }: BenchOptions): Promise<Visits | undefined> {
  if (findChromium() === undefined) {
    log('bench: no Chromium found; set CHROME_PATH to measure the start');
    return undefined;
  }
  const dir = await mkdtemp(join(tmpdir(), 'murmur-start-'));
  const coordinator = serve(dir);
  try {
    const ready = await coordinator.until((event) => event.event === 'ready');
    return await visits(`http://127.0.0.1:${String(ready['port'])}/`, rounds ?? (quick ? 1 : 5), log);
  } finally {
    await coordinator.kill('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  }
}

export interface PageWeight {
  /** Of the scripts that every visit loads. */
  readonly gzipBytes: number;
  readonly brotliBytes: number;
  /** `loaded`: by the visits that were measured; null without a Chromium. */
  readonly scripts: readonly (PageScript & {
    readonly brotliBytes: number;
    readonly loaded: boolean | null;
  })[];
}

export interface StartResult {
  readonly bench: 'start';
  readonly preset: string;
  readonly data: string;
  /** Warm ones, of which the medians are taken; null without a Chromium. */
  readonly visits: number;
  readonly trainingMs: number | null;
  readonly firstStepMs: number | null;
  readonly cold: JoinTimes | null;
  readonly warm: readonly JoinTimes[] | null;
  readonly page: PageWeight;
}

async function weigh(loaded: ReadonlySet<string> | undefined): Promise<PageWeight> {
  const scripts = await Promise.all(
    pageScripts().map(async (script) => ({
      ...script,
      brotliBytes: (await brotli(await readFile(join(DIST, 'assets', script.file)))).length,
      loaded: loaded?.has(script.file) ?? null,
    })),
  );
  const sum = (of: (script: (typeof scripts)[number]) => number) =>
    scripts.filter(({ always }) => always).reduce((total, script) => total + of(script), 0);
  return { gzipBytes: sum((s) => s.gzipBytes), brotliBytes: sum((s) => s.brotliBytes), scripts };
}

const whole = ({ trainingMs, firstStepMs }: JoinTimes): JoinTimes => ({
  trainingMs: Math.round(trainingMs),
  firstStepMs: Math.round(firstStepMs),
});

export async function start(options: BenchOptions): Promise<StartResult> {
  options.log('start: building the pages, starting a coordinator');
  await buildPages();
  const seen = await measureJoin(options);
  const middle = (of: (times: JoinTimes) => number) =>
    seen === undefined ? null : rounded(median(seen.warm.map(of)));
  return {
    ...{ bench: 'start', preset: 'tiny', data: 'glyphs, 32×32×3, patch 4', visits: seen?.warm.length ?? 0 },
    trainingMs: middle((times) => times.trainingMs),
    firstStepMs: middle((times) => times.firstStepMs),
    cold: seen === undefined ? null : whole(seen.cold),
    warm: seen?.warm.map(whole) ?? null,
    page: await weigh(seen?.loaded),
  };
}
