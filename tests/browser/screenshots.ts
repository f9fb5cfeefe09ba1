/**
 * Photographs both pages of a run that is going on, at laptop and phone width:
 * `node --import tsx tests/browser/screenshots.ts JOIN_URL OPERATOR_URL FOLDER [ROUNDS]`.
 * Joins as a volunteer, waits until it has taken part in ROUNDS rounds (default 20), and leaves.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { joinPage, startChromium } from '../support/browser.ts';

const SIZES = { laptop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
const MOST_MINUTES = 15;

const [joinUrl, operatorUrl, folder, rounds = '20'] = process.argv.slice(2);
if (!joinUrl || !operatorUrl || !folder) {
  process.stderr.write('usage: screenshots.ts JOIN_URL OPERATOR_URL FOLDER [ROUNDS]\n');
  process.exit(2);
}
const dir = folder;
mkdirSync(dir, { recursive: true });

async function photograph(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    // Charts take their new width with the next frames.
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await page.screenshot({ path: join(dir, `${name}-${size}.png`), fullPage: size === 'laptop' });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) process.stderr.write(`${name} is wider than a ${size}\n`);
  }
}

const browser = await startChromium();
const volunteer = await joinPage(browser, joinUrl, 'Projector laptop');
const seen = new Set<string>();
const deadline = Date.now() + MOST_MINUTES * 60_000;
while (seen.size < Number(rounds) && Date.now() < deadline) {
  const handle = await volunteer.waitForFunction(
    (known) => {
      const version = document.querySelector('[data-version]')?.getAttribute('data-version');
      return version && !known.includes(version) ? version : false;
    },
    [...seen],
    { timeout: MOST_MINUTES * 60_000 },
  );
  seen.add(String(await handle.jsonValue()));
}
await volunteer.locator('[data-phase=training]').waitFor();
await photograph(volunteer, 'volunteer');
const operator = await (await browser.newContext()).newPage();
await operator.goto(operatorUrl);
await operator.getByText(/loss/i).first().waitFor();
await operator.waitForFunction(() => document.querySelectorAll('canvas').length > 0);
await photograph(operator, 'operator');
await browser.close();
