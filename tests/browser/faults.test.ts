import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, SOFTWARE_GPU } from '../support/bundledPage.ts';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';
import { bundleFaultyWorker, joinFaulty } from './faults/faultyPage.ts';
import type { Fault } from './faults/faultyWorker.ts';

/*
 * One real run with four pages in Chromium, each with a fault of its own. Only their first workers are the test's; what
 * notices the fault, and goes on after it, is what is shipped.
 */
const MINUTES = 60_000;
/** WebGL is a program on the CPU here: a round of it takes most of a minute where nothing else runs. */
const PATIENCE = 3 * MINUTES;
const present = findChromium();
if (present === undefined) console.warn('faults of a backend: skipped, needs Chromium');

const PAGES: readonly { readonly fault: Fault; readonly search?: string }[] = [
  { fault: 'zeros' },
  { fault: 'NaN' },
  { fault: 'death' },
  { fault: 'lost context', search: '?backend=webgl' },
];

interface Round {
  readonly round: number;
  readonly volunteers: number;
  readonly loss: number;
}

let dir: string;
let browser: Browser;
let coordinator: JsonProcess;
const pages = new Map<Fault, Page>();

const serve = (): JsonProcess =>
  startJson('apps/coordinator/src/main.ts', [
    ...['serve', '--data', 'glyphs', '--rounds', '500', '--volunteers', '0', '--min-volunteers', '4'],
    ...['--preset', 'nano', '--inner-steps', '3', '--batch-size', '8', '--score-every', '0'],
    ...['--eval-samples', '64', '--port', '0', '--run-dir', join(dir, 'run'), '--json'],
  ]);
const rounds = () => coordinator.events.filter((e) => e.event === 'round') as unknown as Round[];
const committed = (fits: (round: Round) => boolean) =>
  coordinator.until(
    (e) => e.event === 'round' && e['reason'] === undefined && fits(e as unknown as Round),
  ) as unknown as Promise<Round>;

/** Waits until the page says this, and answers the whole line. */
async function told(fault: Fault, words: RegExp): Promise<string> {
  const line = pages.get(fault)?.locator('.troubles li, .trials .note').filter({ hasText: words }).first();
  await line?.waitFor({ state: 'attached', timeout: PATIENCE });
  return (await line?.textContent()) ?? '';
}

/** Waits until the page's list says this of the backend with this title. */
async function outcome(fault: Fault, title: string, sentence: string): Promise<void> {
  const page = pages.get(fault);
  const trial = page?.locator('.trial').filter({ has: page.getByText(title, { exact: true }) });
  // A backend is named as the next one before its own gradient is known.
  await trial
    ?.locator('.note')
    .getByText(sentence, { exact: true })
    .waitFor({ state: 'attached', timeout: PATIENCE });
}

describe.runIf(present !== undefined)('a backend with a fault', () => {
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'murmur-faults-'));
    browser = await chromium.launch({ executablePath: present, args: ['--no-sandbox', ...SOFTWARE_GPU] });
    coordinator = serve();
    const [ready, bundle] = await Promise.all([
      coordinator.until((e) => e.event === 'ready'),
      bundleFaultyWorker(),
    ]);
    const origin = `http://127.0.0.1:${String(ready['port'])}/`;
    const joined = PAGES.map(async ({ fault, search = '' }) => {
      const page = await joinFaulty(browser, { url: origin + search, name: fault, fault, bundle });
      pages.set(fault, page);
    });
    await Promise.all(joined);
  }, 2 * MINUTES);

  afterAll(async () => {
    await browser?.close();
    await coordinator?.kill('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  test(
    'that returns zeros never trains: it is refused at join, with the reason, and the next one down is used',
    { timeout: 2 * MINUTES },
    async () => {
      expect(await told('zeros', /is not used/)).toMatch(
        /^(Relaxed )?SIMD is not used: gradient differs: it is zero everywhere\. Training goes on with WebAssembly\.$/,
      );
      await outcome('zeros', 'SIMD', 'Gradient differs: it is zero everywhere.');
      await outcome('zeros', 'WebAssembly', 'Its gradients are right here.');
    },
  );

  test(
    'that gives NaN, dies, or loses its context in mid-round costs one update, and the page says so',
    { timeout: 4 * MINUTES },
    async () => {
      expect(await told('NaN', /dropped/)).toMatch(
        /^Round 2: Training stopped: non-finite loss at step 1; that update was dropped\. Training goes on with (relaxed )?SIMD\.$/,
      );
      expect(await told('death', /dropped/)).toMatch(
        /^Round 2: The training worker stopped \(.*struck by the test\); that update was dropped\. Training goes on with (relaxed )?SIMD\.$/,
      );
      expect(await told('lost context', /dropped/)).toMatch(
        /^Round 2: Training stopped: the browser took the WebGL context away.*; that update was dropped\. Training goes on with SIMD\.$/,
      );
    },
  );

  test(
    'GPUs that are programs on the CPU are refused in the background, unless asked for by name',
    { timeout: 2 * MINUTES },
    async () => {
      await pages
        .get('zeros')
        ?.locator('.trial.refused', { hasText: 'WebGL' })
        .waitFor({ state: 'attached' });
      await outcome('zeros', 'WebGL', 'Software renderer.');
      await outcome('zeros', 'WebGPU', 'Software renderer.');
    },
  );

  test(
    'the run goes on: the round commits without them, and the next with all four again',
    { timeout: 2 * MINUTES },
    async () => {
      const after = await committed((r) => r.round > 2 && r.volunteers === 4);
      await committed((r) => r.round >= after.round + 2);
      const all = rounds();
      const upTo = all.filter(({ round }) => round <= after.round);
      expect(upTo.map(({ round, volunteers }) => [round, volunteers])).toEqual([
        [1, 4],
        [2, 1],
        [3, 4],
      ]);
      expect(all.every(({ loss }) => Number.isFinite(loss))).toBe(true);
      for (const page of pages.values()) expect(await page.locator('[data-phase=failed]').count()).toBe(0);
    },
  );
});
