import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { likenessOf, verdictOn } from '@murmur/core/round/verdict';
import { readFolder } from '../reference/runFolder.ts';
import { bundledPage, findChromium, SOFTWARE_GPU, type BundledPage } from '../support/bundledPage.ts';
import type { Trained, TrainOrder } from './kernels/trainOrder.ts';

const golden = new URL('../../../shared/reference/', import.meta.url).pathname;
const chromium = findChromium();
if (chromium === undefined) console.warn('backends in a browser: skipped, needs Chromium');
else if (!existsSync(golden)) console.warn(`golden values in a browser: skipped, ${golden} does not exist`);

/** Of each fixture that a backend computes; normalised pixels change nothing on the device. */
const NAMES = [
  ...['adamw', 'attention', 'block', 'gelu', 'layernorm', 'mae_tiny_rawpix', 'mae_tiny_weights', 'ntxent'],
].map((name) => `${name}.json`);

/** Shaders are compiled and run by software. */
const patient = { timeout: 180_000 };

describe.runIf(chromium !== undefined)('in Chromium, in a worker', patient, () => {
  let opened: BundledPage;
  beforeAll(async () => {
    const root = new URL('kernels/', import.meta.url).pathname;
    opened = await bundledPage(root, chromium ?? '', SOFTWARE_GPU);
  }, 60_000);
  afterAll(() => opened.close());

  const train = (order: TrainOrder): Promise<Trained> =>
    opened.page.evaluate((given) => window.trainOn(given), order);

  it.runIf(existsSync(golden)).each([
    [{ backend: 'murmur', variant: 'plain' }, 'murmur simd'],
    [{ backend: 'murmur', variant: 'relaxed' }, 'murmur relaxed simd'],
    [{ backend: 'webgl' }, 'webgl (software)'],
    [{ backend: 'webgpu' }, 'webgpu (software)'],
  ] as const)('golden values and gradients agree on %o', async (choice, title) => {
    const all = readFolder(golden);
    const texts = Object.fromEntries(NAMES.map((name) => [name, all[name] ?? '']));
    const checked = await opened.page.evaluate((order) => window.checkFiles(order), { choice, texts });
    if ('notStarted' in checked) throw new Error(checked.notStarted);
    expect(checked.title).toBe(title);
    expect(checked.outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(checked.outcomes.map(({ file }) => file)).toEqual([...NAMES].sort());
  });

  it('AG6: GPUs take the steps that murmur takes, so that a check by either tells the other honest, and keep no tensor', async () => {
    const expected = await train({ backend: 'murmur' });
    expect(expected.golden).toEqual({ kind: 'agrees' });
    expect(expected.losses.length).toBe(6);
    for (const backend of ['webgl', 'webgpu'] as const) {
      const got = await train({ backend });
      expect(got.golden, backend).toEqual({ kind: 'agrees' });
      expect(got.software, backend).toBe(true);
      expect(got.liveTensors[1], backend).toBe(got.liveTensors[0]);
      expect(got.losses.length).toBe(6);
      got.losses.forEach((loss, step) =>
        expect(Math.abs(loss / (expected.losses[step] ?? NaN) - 1), `${backend} ${step}`).toBeLessThan(1e-4),
      );
      const apart = got.predicted?.map((byte, i) => Math.abs(byte - (expected.predicted?.[i] ?? NaN))) ?? [
        NaN,
      ];
      expect(Math.max(...apart), backend).toBeLessThanOrEqual(1);
      expect(got.result).toMatchObject({ steps: 6, samples: 18 });
      const own = Float32Array.from(got.gradient);
      const likeness = likenessOf(own, Float32Array.from(expected.gradient));
      if (!likeness) throw new Error(`${backend} trained nothing`);
      expect(likeness.cosine, backend).toBeGreaterThan(0.999);
      expect(verdictOn(likeness, true), backend).toBe('right');
    }
  });

  it.each([
    ['webgl', 'the browser took the WebGL context away'],
    ['webgpu', 'the browser took the WebGPU device away'],
  ] as const)('a lost %s device fails the round with a sentence', async (backend, sentence) => {
    const { result, deviceLoss, losses } = await train({ backend, loseAfter: 1 });
    expect(result).toEqual({ failed: expect.stringContaining(sentence) as string });
    expect(deviceLoss).toContain(sentence);
    expect(losses.length).toBeLessThan(6);
  });
});
