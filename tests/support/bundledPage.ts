import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { nodeWasmPath } from '../reference/wasmPath.ts';

export interface BundledPage {
  /** The browser's. */
  readonly version: string;
  readonly page: Page;
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
  if (address === null || typeof address === 'string')
    throw new Error('bundledPage: the page server has no port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** What makes a Chromium without a GPU offer WebGL and WebGPU, drawn by software. */
export const SOFTWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader',
];

/** Bundles the `index.html` of `root` with its scripts and workers, and opens it in a headless Chromium. */
export async function bundledPage(
  root: string,
  executablePath: string,
  args: readonly string[] = [],
): Promise<BundledPage> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-page-'));
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: true, chunkSizeWarningLimit: 10_000 },
    resolve: { alias: [{ find: /^@tensorflow\/tfjs$/, replacement: '@murmur/core/tensor/tfjs' }] }, // as pages have it
    worker: { format: 'es' },
  });
  const server = await serve(folder);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...args] });
  const page = await browser.newPage();
  await page.goto(`${server.url}/index.html`);
  return {
    version: browser.version(),
    page,
    async close() {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
