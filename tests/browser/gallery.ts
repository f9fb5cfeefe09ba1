/**
 * Pictures of every state of the pages, from fixtures, at laptop and phone width, light and dark:
 *   node --import tsx tests/browser/gallery.ts <folder> [part of a scene's name]
 * What is folded is photographed again, unfolded.
 * Fails when a page is wider than its screen or says anything on the console.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGallery } from '@murmur/client/gallery/galleryServer';
import { chromium, type Browser, type Page } from 'playwright-core';

const SIZES = [
  { name: 'laptop', width: 1280, height: 800 },
  { name: 'phone', width: 390, height: 844 },
];
const SCHEMES = ['light', 'dark'] as const;
const NARROWEST = 320;

interface Shot {
  readonly url: string;
  readonly scene: string;
  readonly folder: string;
}

/** Opens whatever is folded; false where nothing is. */
const unfold = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const folded = [...document.querySelectorAll('details:not([open])')];
    folded.forEach((details) => details.setAttribute('open', ''));
    return folded.length > 0;
  });

/** Takes the pictures of a scene; the result lists what is wrong with it. */
async function shoot(browser: Browser, { url, scene, folder }: Shot): Promise<string[]> {
  const problems: string[] = [];
  for (const size of SIZES)
    for (const colorScheme of SCHEMES) {
      const page = await browser.newPage({ viewport: size, colorScheme, reducedMotion: 'reduce' });
      page.on('pageerror', (error) => problems.push(`${scene}: ${error.message}`));
      page.on('console', (said) => said.type() === 'error' && problems.push(`${scene}: ${said.text()}`));
      await page.goto(`${url}#${scene}`, { waitUntil: 'networkidle' });
      const path = (suffix: string) => join(folder, `${scene}${suffix}-${size.name}-${colorScheme}.png`);
      await page.screenshot({ path: path(''), fullPage: true });
      if (await unfold(page)) await page.screenshot({ path: path('-unfolded'), fullPage: true });
      for (const width of [size.width, NARROWEST]) {
        await page.setViewportSize({ width, height: size.height });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) problems.push(`${scene}: ${wide} pixels wide on a screen of ${width}`);
      }
      await page.close();
    }
  return problems;
}

async function main(folder: string, wanted: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { url, close } = await startGallery();
  const browser = await chromium.launch({
    executablePath: process.env['CHROME_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const index = await browser.newPage();
    await index.goto(url, { waitUntil: 'networkidle' });
    const scenes = (await index.locator('a').allTextContents()).filter((scene) => scene.includes(wanted));
    const problems: string[] = [];
    for (const scene of scenes) problems.push(...(await shoot(browser, { url, scene, folder })));
    console.log(`${scenes.length} scenes in ${folder}`);
    for (const problem of problems) console.error(problem);
    process.exitCode = problems.length > 0 ? 1 : 0;
  } finally {
    await browser.close();
    await close();
  }
}

const [folder, wanted = ''] = process.argv.slice(2);
if (folder === undefined) throw new Error('gallery.ts: name the folder for the pictures.');
await main(folder, wanted);
