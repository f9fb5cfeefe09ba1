import { startGallery, type Gallery } from '@murmur/client/gallery/galleryServer';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startChromium } from '../support/browser.ts';
import { findChromium } from '../support/bundledPage.ts';

/* The page itself in a real browser; only the volunteer behind it is pretended, so that what it is told can be read. */
const present = findChromium() !== undefined;
if (!present) console.warn('controls of the volunteer page: skipped, needs Chromium');

let browser: Browser;
let gallery: Gallery;
let context: BrowserContext;
let page: Page;

const throttle = () => page.getByLabel('How much to give');
const cores = () => page.getByLabel('Processor cores');
const told = () => page.evaluate(() => document.body.dataset['told'] ?? '');
const untilTold = (words: string) =>
  page.waitForFunction((wanted) => document.body.dataset['told']?.includes(wanted), words);
const join = async () => {
  await page.getByRole('button', { name: 'Join' }).click();
  await page.locator('[data-phase]').waitFor();
};
const manyViews = (more: number) =>
  page.evaluate(
    (count) =>
      new Promise<void>((done) => {
        const until = Number(document.body.dataset['views'] ?? 0) + count;
        const look = () =>
          Number(document.body.dataset['views']) >= until ? done() : requestAnimationFrame(look);
        look();
      }),
    more,
  );

async function press(key: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await page.keyboard.press(key);
}

/** A fresh page on a machine with this many cores. */
async function visit(coreCount: number, size = { width: 1280, height: 800 }): Promise<void> {
  await context.addInitScript((count) => {
    Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => count });
  }, coreCount);
  page = await context.newPage();
  await page.setViewportSize(size);
  await page.goto(gallery.liveUrl);
  await page.getByRole('button', { name: 'Join' }).waitFor();
}

describe.runIf(present)('the controls of the volunteer page', () => {
  beforeAll(async () => {
    [browser, gallery] = await Promise.all([startChromium(), startGallery()]);
  });
  afterAll(async () => {
    await browser?.close();
    await gallery?.close();
  });
  beforeEach(async () => {
    context = await browser.newContext({ hasTouch: true });
  });
  afterEach(() => context.close());

  it('tell the volunteer at once, by key', async () => {
    await visit(8);
    await join();
    await throttle().focus();
    await press('ArrowLeft', 3);
    await untilTold('throttle 0.85');
    // The page redraws a tenth of a second later at most.
    await page.locator('[aria-valuetext="85\u202f%, Rests 3 of every 20 seconds."]').waitFor();
    await cores().focus();
    await press('End', 1);
    await untilTold('workers 8');
    expect(await told()).toBe('join 1 4; throttle 0.95; throttle 0.9; throttle 0.85; workers 8');
  });

  it('tell the volunteer at once, by finger', async () => {
    await visit(8, { width: 390, height: 844 });
    await join();
    const box = await throttle().boundingBox();
    if (box === null) throw new Error('The slider is not on the page.');
    expect(box.height).toBeGreaterThanOrEqual(44);
    await page.touchscreen.tap(box.x + 12, box.y + box.height / 2);
    await untilTold('throttle 0.1');
    await page.getByText('Rests 9 of every 10 seconds.').waitFor();
  });

  it('hold still while the figures of a busy volunteer change around them', async () => {
    await visit(8);
    await join();
    const box = await throttle().boundingBox();
    if (box === null) throw new Error('The slider is not on the page.');
    await page.mouse.move(box.x + box.width - 12, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await untilTold('throttle 0.55');
    const values: string[] = [];
    for (let i = 0; i < 10; i++) {
      await manyViews(10);
      values.push(await throttle().inputValue());
    }
    await page.mouse.up();
    expect(new Set(values)).toEqual(new Set(['55']));
  });

  it('are offered before joining, and the choice is handed over and kept for the next visit', async () => {
    await visit(8);
    expect(await throttle().isVisible()).toBe(false);
    await page.getByText('4 of 8 cores at 100').click();
    await throttle().fill('60');
    await cores().fill('3');
    await page.reload();
    await page.getByText('3 of 8 cores at 60').waitFor();
    await join();
    await untilTold('join 0.6 3');
    expect(await throttle().inputValue()).toBe('60');
    await cores().fill('2');
    await page.reload();
    await page.getByText('2 of 8 cores at 60').waitFor();
  });

  it('work where storage is forbidden', async () => {
    await context.addInitScript(() => {
      Object.defineProperty(window, 'localStorage', {
        get: () => {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
    });
    await visit(2);
    await join();
    await throttle().fill('30');
    await untilTold('throttle 0.3');
    expect(await told()).toBe('join 1 1; throttle 0.3');
  });

  it.each([
    ['laptop', { width: 1280, height: 800 }],
    ['phone', { width: 390, height: 844 }],
  ])('nothing on the page moves while figures change and rounds pass, %s', async (_, size) => {
    await visit(8, size);
    await join();
    await manyViews(70);
    await page.evaluate(() => {
      const moved: string[] = [];
      Object.assign(window, { moved });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { sources = [] } = entry as PerformanceEntry & { sources?: { node?: Node }[] };
          moved.push(...sources.map(({ node }) => node?.textContent?.slice(0, 60) ?? 'something'));
        }
      }).observe({ type: 'layout-shift' });
    });
    await manyViews(180);
    expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([]);
  });
});

describe.runIf(present)('the operator page of a crowd', () => {
  let own: [Browser, Gallery];
  beforeAll(async () => {
    own = await Promise.all([startChromium(), startGallery()]);
  });
  afterAll(async () => {
    await Promise.all(own.map((one) => one.close()));
  });

  it('lists those first who have missed rounds, and all of them when asked', async () => {
    const [chromium, { url }] = own;
    const crowd = await chromium.newPage();
    await crowd.goto(`${url}#operator-crowd`);
    const rows = crowd.locator('section', { hasText: 'Those who have missed rounds' }).locator('tbody tr');
    await rows.first().waitFor();
    expect(await rows.count()).toBe(20);
    expect(await rows.first().textContent()).toContain('relayed');
    await crowd.getByRole('button', { name: 'Show all 44 volunteers' }).click();
    await crowd.getByRole('button', { name: 'Show only those who need a look' }).waitFor();
    expect(await crowd.locator('tbody').first().locator('tr').count()).toBe(44);
    await crowd.close();
  });
});
