import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from 'vite';
import { nodeWasmPath } from '../../reference/wasmPath.ts';
import type { StepTimes } from './measureSteps.ts';
import type { MeterChoice } from './page.worker.ts';

export interface ChromiumMeter {
  readonly version: string;
  measure(choice: MeterChoice, steps: number): Promise<StepTimes>;
  close(): Promise<void>;
}

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** A Chromium on this machine, or none. */
export const findChromium = (): string | undefined =>
  [process.env['CHROME_PATH'] ?? '', ...USUAL_PATHS].find((path) => path !== '' && existsSync(path));

/** Serves `folder`, and tfjs's wasm files under /wasm/, on a free local port. */
async function serve(folder: string): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    const file = path.startsWith('/wasm/') ? join(nodeWasmPath(), path.slice(6)) : join(folder, path);
    if (!existsSync(file) || extname(file) === '') {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('bench: the page server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Bundles the page and opens it in a headless Chromium; the steps run in its worker. */
export async function chromiumMeter(executablePath: string): Promise<ChromiumMeter> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-bench-'));
  const root = dirname(fileURLToPath(import.meta.url));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
    worker: { format: 'es' },
  });
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.goto(`${server.url}/index.html`);
  return {
    version: browser.version(),
    measure: (choice, steps) =>
      page.evaluate(([which, count]) => window.measureSteps(which, count), [choice, steps] as const),
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
