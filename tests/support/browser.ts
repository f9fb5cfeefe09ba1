import { chromium, type Browser, type Page } from 'playwright-core';

/** What headless Chromium needs on a test machine: root has no sandbox, and nothing outside is contacted. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    headless: true,
    args: ARGS,
  });
}

/** What a volunteer page says of itself. */
export const heldVersion = (page: Page): Promise<string | null> =>
  page.evaluate(() => document.querySelector('[data-version]')?.getAttribute('data-version') ?? null);

/** Waits in the page, by its own frames, until it holds this version. */
export async function untilHolds(page: Page, version: string, timeoutMs = 60_000): Promise<void> {
  await page.waitForFunction(
    (wanted) => document.querySelector('[data-version]')?.getAttribute('data-version') === wanted,
    version,
    { timeout: timeoutMs },
  );
}

/** Opens the volunteer page and presses Join. */
export async function joinPage(browser: Browser, url: string, name: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel(/name/i).fill(name);
  await page.getByRole('button', { name: /^join/i }).click();
  return page;
}
