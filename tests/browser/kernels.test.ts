import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundledPage, findChromium, type BundledPage } from '../support/bundledPage.ts';

const golden = new URL('../../../shared/reference/', import.meta.url);
const chromium = findChromium();
const present = chromium !== undefined && existsSync(golden);
if (!present) console.warn('kernels in a browser: skipped, needs Chromium and the golden values');

const NAMES = ['attention', 'block', 'gelu', 'layernorm', 'mae_tiny_rawpix', 'mae_tiny_weights'];

describe.runIf(present)('the kernels in Chromium', () => {
  let opened: BundledPage;
  const files: Record<string, string> = {};
  beforeAll(async () => {
    for (const name of NAMES) files[name] = readFileSync(new URL(`${name}.json`, golden), 'utf8');
    opened = await bundledPage(new URL('kernels/', import.meta.url).pathname, chromium ?? '');
  });
  afterAll(() => opened.close());
  // A thread has one backend: another variant needs another thread.
  beforeEach(async () => {
    await opened.page.reload();
  });

  it.each([
    ['plain', 'murmur simd'],
    ['relaxed', 'murmur relaxed simd'],
  ] as const)('agree with the golden values and gradients, %s SIMD', async (variant, title) => {
    for (const name of NAMES) {
      const outcome = await opened.page.evaluate(
        ([which, file, all]) => window.checkFixture(which, file, all),
        [variant, name, files] as const,
      );
      expect(outcome.mismatches, name).toEqual([]);
      expect(outcome.title).toBe(title);
      expect(outcome.comparisons).toBeGreaterThan(0);
    }
  });
});
