import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DIST, pageScripts } from './pageScripts.ts';

/** What a classroom's Wi-Fi carries to thirty laptops in a few seconds. */
const MOST_GZIP_BYTES = 450_000;

const built = existsSync(join(DIST, 'index.html'));
if (!built)
  console.warn('the weight of the volunteer page: skipped, the pages are not built (npm test builds them)');

test.runIf(built)(
  'the scripts that every volunteer page loads, worker included, weigh at most 450 kB compressed',
  () => {
    const scripts = pageScripts().filter(({ always }) => always);
    expect(scripts.some(({ file }) => file.startsWith('engineWorker'))).toBe(true);
    const sum = scripts.reduce((total, { gzipBytes }) => total + gzipBytes, 0);
    expect(sum, scripts.map(({ file, gzipBytes }) => `${file} ${gzipBytes}`).join(', ')).toBeLessThan(
      MOST_GZIP_BYTES,
    );
  },
);

test('scripts are followed from the page through modules and workers; what is imported later is told apart', () => {
  const dist = mkdtempSync(join(tmpdir(), 'murmur-dist-'));
  const write = (file: string, text: string) => writeFileSync(join(dist, file), text);
  mkdirSync(join(dist, 'assets'));
  write(
    'index.html',
    '<script type="module" src="/assets/index-1.js"></script><link rel="modulepreload" href="/assets/a-1.js">',
  );
  write(
    'assets/index-1.js',
    'import{x}from"./a-1.js";new Worker(new URL(`/assets/worker-1.js`,import.meta.url))',
  );
  write('assets/a-1.js', 'export const x = 1;');
  write('assets/worker-1.js', 'import"./b-1.js";const go=()=>import(`./later-1.js`);');
  write('assets/b-1.js', '');
  write('assets/later-1.js', 'import{x}from"./a-1.js";export*from"./deep-1.js"');
  write('assets/deep-1.js', 'export const y = 2;');
  write('assets/other-1.js', 'nobody asks for it');
  const scripts = pageScripts(dist);
  const names = (always: boolean) =>
    scripts
      .filter((script) => script.always === always)
      .map(({ file }) => file)
      .sort();
  expect(names(true)).toEqual(['a-1.js', 'b-1.js', 'index-1.js', 'worker-1.js']);
  expect(names(false)).toEqual(['deep-1.js', 'later-1.js']);
  rmSync(dist, { recursive: true });
});
