import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { describe, expect, test } from 'vitest';
import { specOf } from '@murmur/core/models/modelSpec';
import { initialParams } from '@murmur/core/models/parameters';
import { fold, integer, key, uint32Stream } from '@murmur/core/random/key';
import { readSafetensors } from '@murmur/core/version/safetensors';
import type { EvaluationSet } from '../ingest/evaluationSet.ts';
import { exportModel, twoPictures } from './exportModel.ts';
import { moved } from './features.fixture.ts';
import type { LearningRequest, LearningValue } from './learningMessages.ts';
import type { LearningThread } from './learningThread.ts';
import { chooseLabelled, createScorer } from './scorer.ts';

const core = createRequire(new URL('../../../../packages/core/package.json', import.meta.url));
const wasmPath = dirname(core.resolve('@tensorflow/tfjs-backend-wasm')) + sep;

const SIDE = 16;
const COUNT = 160;
const spec = specOf('nano', { imageSize: SIDE, patchSize: 4, numChannels: 1 }, { mean: [0.3], std: [0.3] });
const params = initialParams(spec.config, key(1));

/** Pictures whose upper or lower half is bright, in noise: easy for pixels. */
function halves(): EvaluationSet & { readonly labels: Uint16Array } {
  const labels = Uint16Array.from({ length: COUNT }, (_, i) => integer(fold(key(5), i), 2));
  const next = uint32Stream(key(6));
  const pictures = Uint8Array.from({ length: COUNT * SIDE * SIDE }, (_, i) => {
    const lower = i % (SIDE * SIDE) >= (SIDE * SIDE) / 2 ? 1 : 0;
    return (lower === labels[Math.floor(i / SIDE / SIDE)] ? 100 : 0) + (next() % 120);
  });
  return {
    pictures,
    labels,
    count: COUNT,
    side: SIDE,
    channels: 1,
    classes: ['a', 'b'],
    origin: 'test split',
  };
}

interface ManualCall {
  readonly request: LearningRequest;
  readonly resolve: (value: LearningValue) => void;
}

/** A thread that answers when told to. */
function manualThread() {
  const calls: ManualCall[] = [];
  const expecting: ((call: ManualCall) => void)[] = [];
  const thread: LearningThread = {
    call: (request) =>
      new Promise((resolve) => {
        const call = { request, resolve };
        const expected = expecting.shift();
        if (expected) expected(call);
        else calls.push(call);
      }),
    close: () => Promise.resolve(),
  };
  /** Answers the oldest call, or the next one; resolves to what was asked. */
  async function answer(knn: number): Promise<LearningRequest> {
    const waiting = calls.shift();
    const { request, resolve } =
      waiting ?? (await new Promise<ManualCall>((arrived) => expecting.push(arrived)));
    const interval = { low: knn, high: knn };
    const intervals = { knn: interval, probe: interval };
    const hits = { knn: new Uint8Array(1), probe: new Uint8Array(1) };
    const counts = { trainCount: 3, testCount: 1, probeConverged: true };
    const score = { knn, probe: knn, intervals, hits, ...counts };
    resolve({ type: 'scored', score, seconds: 1 });
    return request;
  }
  return { thread, calls, answer };
}

function scorerOf(evaluation: EvaluationSet, thread?: LearningThread) {
  const made = createScorer({ spec, evaluation, wasmPath }, thread ? () => thread : undefined);
  if (made.kind === 'noLabels') throw new Error(made.sentence);
  return made.scorer;
}

describe('scorer', () => {
  test('scores an encoder and both baselines in its thread', async () => {
    const scorer = scorerOf(halves());
    try {
      const [baselines, score] = await Promise.all([scorer.baselines(params), scorer.score(params)]);
      expect(score).toMatchObject({ trainCount: 120, testCount: 40, features: 'mean of patch tokens' });
      expect(score.seconds).toBeGreaterThan(0);
      expect({ ...baselines.untrained, seconds: 0 }).toEqual({ ...score, seconds: 0 });
      expect(baselines.pixels).toMatchObject({ features: 'raw pixels', testCount: 40 });
      expect(baselines.pixels.probe).toBeGreaterThan(0.9);
      const map = await scorer.map(params, undefined);
      expect(scorer.mapPictures.facts).toMatchObject({ count: 40, side: SIDE, channels: 1 });
      expect(scorer.mapPictures.bytes).toEqual(
        chooseLabelled(halves(), 0, 4000).pictures.subarray(0, 40 * 256),
      );
      expect(map.seconds).toBeGreaterThan(0);
      for (const layout of [map.layouts.pca, map.layouts.umap]) {
        expect(layout.length).toBe(80);
        expect(new Set(layout).size).toBeGreaterThan(70);
      }
      const again = await scorer.map(params, map.layouts);
      expect(moved(map.layouts.pca, again.layouts.pca)).toBeLessThan(1e-3);
      const diverged = scorer.score(params.map(() => NaN));
      await expect(diverged).rejects.toMatchObject({
        reason: 'failed',
        message: expect.stringContaining('diverged') as string,
      });
    } finally {
      await scorer.close();
    }
  });

  test('one version waits at most: the newest', async () => {
    const { thread, calls, answer } = manualThread();
    const scorer = scorerOf(halves(), thread);
    const first = scorer.score(Float32Array.of(1));
    const second = expect(scorer.score(Float32Array.of(2))).rejects.toMatchObject({ reason: 'superseded' });
    const third = scorer.score(Float32Array.of(3));
    await second;
    expect(await answer(0.1)).toMatchObject({ params: Float32Array.of(1) });
    expect((await first).knn).toBe(0.1);
    expect(await answer(0.3)).toMatchObject({ params: Float32Array.of(3) });
    expect((await third).knn).toBe(0.3);
    expect(calls).toEqual([]);
  });

  test('measures the baselines once', async () => {
    const { thread, calls, answer } = manualThread();
    const scorer = scorerOf(halves(), thread);
    const both = [scorer.baselines(params), scorer.baselines(params)];
    expect(await answer(0.2)).toMatchObject({ type: 'scoreEncoder' });
    expect(await answer(0.3)).toEqual({ type: 'scorePixels' });
    const [once, again] = await Promise.all(both);
    expect(once).toMatchObject({ untrained: { knn: 0.2 }, pixels: { knn: 0.3, features: 'raw pixels' } });
    expect(again).toBe(once);
    expect(calls.length).toBe(0);
  });

  test('says why there are no scores', () => {
    const { labels: _, ...unlabelled } = halves();
    const made = createScorer({ spec, evaluation: { ...unlabelled, classes: [] } });
    expect(made).toEqual({
      kind: 'noLabels',
      sentence:
        'There are no scores: the data set has no labels of two or more classes: kNN and probe cannot be measured.',
    });
  });

  test('chooses the same pictures for the same seed, each with its label, test pictures first', () => {
    const set = halves();
    const chosen = chooseLabelled(set, 4, 80);
    expect(chosen).toMatchObject({ testCount: 20, classes: 2 });
    expect(chosen.labels.length).toBe(80);
    expect(chooseLabelled(set, 4, 80)).toEqual(chosen);
    expect(chooseLabelled(set, 5, 80)).not.toEqual(chosen);
    const size = SIDE * SIDE;
    const rows = new Map(
      Array.from({ length: COUNT }, (_, i) => [
        set.pictures.slice(i * size, (i + 1) * size).join(),
        set.labels[i],
      ]),
    );
    const seen = new Set<string>();
    chosen.labels.forEach((label, i) => {
      const picture = chosen.pictures.slice(i * size, (i + 1) * size).join();
      expect(rows.get(picture)).toBe(label);
      seen.add(picture);
    });
    expect(seen.size).toBe(80);
  });
});

describe('exportModel', () => {
  const card = {
    run: 'r',
    version: 'v',
    rounds: 1,
    samples: 2,
    data: { name: 'halves', examples: COUNT },
  };

  test('writes both folders whole, again over the first, and leaves nothing else', async () => {
    const outDir = await mkdtemp(join(tmpdir(), 'murmur-export-'));
    try {
      const request = { spec, params, pictures: halves().pictures, outDir, card, wasmPath };
      expect(await exportModel(request)).toBe(outDir);
      const changed = params.map((value) => value + 1);
      await exportModel({ ...request, params: changed });
      expect((await readdir(outDir)).sort()).toEqual(['encoder', 'mae']);
      expect((await readdir(join(outDir, 'mae'))).length).toBe(5);
      const read = readSafetensors(await readFile(join(outDir, 'mae', 'model.safetensors')));
      expect(read.kind === 'read' && read.tensors[0]?.values).toEqual(changed.subarray(0, 96));
      expect(await readFile(join(outDir, 'encoder', 'README.md'), 'utf8')).toContain(
        'had no labels to measure with',
      );
    } finally {
      await rm(outDir, { recursive: true, force: true });
    }
  });

  test('takes two different pictures, whatever there is', () => {
    expect(Array.from(twoPictures(Uint8Array.of(1, 2, 1, 2, 3, 4), 2))).toEqual([1, 2, 3, 4]);
    expect(Array.from(twoPictures(Uint8Array.of(1, 2, 1, 2), 2))).toEqual([1, 2, 254, 253]);
    expect(() => twoPictures(new Uint8Array(1), 2)).toThrow('expected at least one picture of 2 bytes');
  });
});
