import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinPage, startChromium } from '../support/browser.ts';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';
import { watchMainThread } from '../support/mainThread.ts';

/* One page and one coordinator, so that what blocks the page is the page's own doing. */
const MINUTE = 60_000;

let dir: string;
let browser: Browser;
let coordinator: JsonProcess;
let url: string;
let token: string;

const serve = (port: string): JsonProcess =>
  startJson('apps/coordinator/src/main.ts', [
    ...['serve', '--data', 'glyphs', '--rounds', '500', '--volunteers', '0', '--inner-steps', '3'],
    ...[
      '--score-every',
      '0',
      '--eval-samples',
      '64',
      '--port',
      port,
      '--run-dir',
      join(dir, 'run'),
      '--json',
    ],
  ]);

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-page-'));
  browser = await startChromium();
  coordinator = serve('0');
  const ready = await coordinator.until((e) => e.event === 'ready');
  url = `http://127.0.0.1:${String(ready['port'])}/`;
  token = (ready['tokens'] as { operator: string }).operator;
}, 2 * MINUTE);

afterAll(async () => {
  await browser?.close();
  await coordinator?.kill('SIGTERM');
  await rm(dir, { recursive: true, force: true });
});

const rounds = () => coordinator.events.filter((e) => e.event === 'round').length;
const moreRounds = (count: number) => {
  const wanted = rounds() + count;
  return coordinator.until(() => rounds() >= wanted);
};
const phase = (page: Page, name: string) => page.locator(`[data-phase=${name}]`).waitFor();

/** Keeps the page's main thread busy, as training there would. */
const block = (page: Page) =>
  page.evaluate(() => {
    const end = performance.now() + 200;
    while (performance.now() < end);
  });

test(
  'no task of a page that trains takes more than 50 ms of the main thread',
  { timeout: 3 * MINUTE },
  async () => {
    const page = await joinPage(browser, url, 'Anna');
    await moreRounds(2);
    const tasks = await watchMainThread(page);
    await moreRounds(10);
    expect(Math.max(...(await tasks()))).toBeLessThan(50);
    expect(await page.locator('canvas').count()).toBeGreaterThan(1);

    const blocked = await watchMainThread(page);
    await block(page);
    expect(Math.max(...(await blocked()))).toBeGreaterThan(50);
    await page.context().close();
  },
);

test('pause, resume and leave do what they say', { timeout: 3 * MINUTE }, async () => {
  const page = await joinPage(browser, url, 'Bert');
  await phase(page, 'training');
  await page.getByRole('button', { name: 'Pause' }).click();
  await phase(page, 'paused');
  await page.getByRole('button', { name: 'Resume' }).click();
  await moreRounds(2);
  await page.getByRole('button', { name: 'Leave' }).click();
  await phase(page, 'left');
  await page.getByRole('button', { name: /join/i }).click();
  await moreRounds(1);
  await page.context().close();
});

test(
  'what a person gives is chosen before joining, kept for the next visit, and changed while training',
  { timeout: 3 * MINUTE },
  async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(url);
    await page.getByText('Settings').click();
    await page.getByLabel('How much to give').fill('40');
    await page.reload();
    await page.getByText(/at 40\s%/).waitFor();
    await page.getByRole('button', { name: /^join/i }).click();
    await phase(page, 'training');
    const slider = page.getByLabel('How much to give');
    expect(await slider.inputValue()).toBe('40');
    await slider.press('ArrowRight');
    await page.getByText('Rests 11 of every 20 seconds.').waitFor();
    await moreRounds(1);
    await page.reload();
    await page.getByText(/at 45\s%/).waitFor();
    await page.context().close();
  },
);

test('a tenth of the time gives less than half of the pictures', { timeout: 3 * MINUTE }, async () => {
  const page = await joinPage(browser, url, 'Emil');
  const rates = async (count: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let i = 0; i < count; i++) {
      await moreRounds(1);
      const tile = page.locator('.tile', { hasText: 'Pictures per second' }).locator('.figure');
      seen.push(Number((await tile.textContent())?.replaceAll(',', '')));
    }
    return seen;
  };
  await moreRounds(2);
  const full = Math.max(...(await rates(4)));
  await page.getByLabel('How much to give').fill('10');
  // The round in flight when the slider moved was partly trained at full speed.
  await moreRounds(1);
  const tenth = Math.min(...(await rates(3)));
  expect(tenth).toBeGreaterThan(0);
  expect(tenth).toBeLessThan(full / 2);
  await page.context().close();
});

test(
  'the operator page starts and pauses the run, and tells a wrong token from a right one',
  { timeout: 3 * MINUTE },
  async () => {
    const volunteer = await joinPage(browser, url, 'Cleo');
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${url}operator#token=wrong`);
    await page
      .getByText(/token is missing or wrong/i)
      .first()
      .waitFor();
    await page.goto('about:blank');
    await page.goto(`${url}operator#token=${token}`);
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: /start|resume/i }).click();
    await moreRounds(1);
    await page.getByText('Cleo').first().waitFor();
    await page.context().close();
    await volunteer.context().close();
  },
);

test(
  'a page whose coordinator is gone says so and joins again when it is back',
  { timeout: 3 * MINUTE },
  async () => {
    const page = await joinPage(browser, url, 'Dora');
    await moreRounds(1);
    const port = new URL(url).port;
    await coordinator.kill('SIGKILL');
    await phase(page, 'connecting');
    await page.getByText(/connection to the coordinator is lost/i).waitFor();
    coordinator = serve(port);
    await moreRounds(2);
    await phase(page, 'training');
  },
);
