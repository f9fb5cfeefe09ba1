import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import type { Fault } from './faultyWorker.ts';

/** The faulty worker as one script. */
export async function bundleFaultyWorker(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      assetsInlineLimit: Infinity,
      lib: { entry: resolve(import.meta.dirname, 'faultyWorker.ts'), formats: ['es'], fileName: 'faulty' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [bundle] = [built].flat();
  if (!bundle || !('output' in bundle)) throw new Error('bundleFaultyWorker: expected one bundle');
  const [script] = bundle.output;
  return script.code;
}

export interface FaultyPage {
  readonly url: string;
  readonly name: string;
  readonly fault: Fault;
  readonly bundle: string;
}

/** Joins with a page whose first worker has a fault; every later one is as it is shipped. */
export async function joinFaulty(browser: Browser, { url, name, fault, bundle }: FaultyPage): Promise<Page> {
  const context = await browser.newContext();
  let served = false;
  await context.route(/\/assets\/engineWorker-[^/]*\.js$/, async (route) => {
    if (served) return route.continue();
    served = true;
    const { 'content-encoding': _, 'content-length': __, ...headers } = (await route.fetch()).headers();
    await route.fulfill({ headers, body: `globalThis.fault = ${JSON.stringify(fault)};\n${bundle}` });
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel(/name/i).fill(name);
  await page.getByRole('button', { name: /^join/i }).click();
  return page;
}
