import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { specFor } from './specFor.ts';
import { readSettings, runFiles } from './runDir.ts';
import type { RepresentationScore } from '@murmur/core/evaluate/score';
import { schemaOf, drawParams } from '@murmur/core/models/parameters';
import { fold, key } from '@murmur/core/random/key';
import { encoderConfigJson, preprocessorJson } from '@murmur/core/export/hfConfig';
import { encoderTensors } from '@murmur/core/export/hfTensors';
import { writeSafetensors } from '@murmur/core/version/safetensors';
import { versionName } from '@murmur/core/version/name';
import { writeSnapshot } from '@murmur/core/version/snapshot';
import { openDataset } from '../ingest/dataset.ts';
import type { EvaluationJob, EvaluationReport } from '../evaluate/evaluationMessages.ts';
import { EvaluationError, runEvaluation } from '../evaluate/runEvaluation.ts';
import { ingest } from '../ingest/ingest.ts';
import { idxImages, idxLabels, testFolder, writeFiles } from '../ingest/testSources.ts';
import { sqliteRunStore } from '../store/sqliteRunStore.ts';
import { evaluate, type EvaluateFlags, type EvaluateParts } from './evaluate.ts';
import { Failure } from './failure.ts';
import { openVersion } from './openVersion.ts';

let cwd = '';
let printed: string[] = [];
let told: string[] = [];

beforeEach(async () => {
  cwd = await testFolder();
  [printed, told, jobs] = [[], [], []];
});

/** What was to be measured, where nothing is. */
let jobs: EvaluationJob[] = [];

const score: RepresentationScore = {
  ...{ knn: 0.5, probe: 0.625, trainCount: 20, testCount: 10, probeConverged: true },
  intervals: { knn: { low: 0.4, high: 0.6 }, probe: { low: 0.5, high: 0.75 } },
  hits: { knn: new Uint8Array(10), probe: new Uint8Array(10) },
};
const even = { value: 0, low: -0.1, high: 0.1 };
const measured = { score, fewLabels: [] };

const asIf = (job: EvaluationJob): Promise<EvaluationReport> => {
  jobs.push(job);
  const gain = { knn: even, probe: even };
  const gains = { untrained: gain, pixels: gain };
  return Promise.resolve({
    ...{ encoder: measured, baselines: { untrained: measured, pixels: measured }, gains, seconds: 7 },
  });
};

const parts = (runEvaluation: EvaluateParts['runEvaluation']): EvaluateParts => ({
  cwd,
  print: (line: string) => void printed.push(line),
  tell: (sentence: string) => void told.push(sentence),
  ingestReporter: () => ({ update: () => undefined, stop: () => undefined }),
  runEvaluation,
});

const run = (version = 'latest', flags: Partial<EvaluateFlags> = {}, measure = asIf) =>
  evaluate(parts(measure), version, { token: 'mean', seed: '0', ...flags });

/** Grey pictures of four classes, the brighter half of which is the class's own. */
async function pictures(name: string, [train, test]: readonly [number, number]): Promise<string> {
  const labelsOf = (count: number) => idxLabels(Array.from({ length: count }, (_, i) => i % 4));
  return writeFiles(join(cwd, name), {
    'train-images-idx3-ubyte': idxImages(train),
    'train-labels-idx1-ubyte': labelsOf(train),
    't10k-images-idx3-ubyte': idxImages(test),
    't10k-labels-idx1-ubyte': labelsOf(test),
  });
}

/** A run folder with these versions, the last of which is the newest. Resolves to their names. */
async function begin(dir: string, seeds: readonly number[]): Promise<string[]> {
  const data = await pictures('data', [60, 24]);
  await ingest({ source: data, outDir: runFiles.data(dir), seed: 0 });
  await writeFile(
    runFiles.settings(dir),
    JSON.stringify({ data, preset: 'nano', objective: 'mae', seed: 0 }),
  );
  const { manifest } = await openDataset(runFiles.data(dir));
  const schema = schemaOf(specFor(await readSettings(dir), manifest));
  await mkdir(runFiles.versions(dir), { recursive: true });
  const names: string[] = [];
  for (const seed of seeds) {
    const params = drawParams(schema, fold(key(seed), 'parameters'));
    const name = versionName(params);
    await writeFile(join(runFiles.versions(dir), `${name}.safetensors`), writeSnapshot(schema, params));
    names.push(name);
  }
  const store = await sqliteRunStore(runFiles.store(dir));
  const head = { run: 'r', round: 1, samplesDone: 1, trainedMs: 1, phase: 'running' } as const;
  await store.create({}, { ...head, version: names.at(-1) ?? '' }, {});
  await store.close();
  return names;
}

/** An exported encoder of the newest version, as `export` writes it. */
async function exportedFolder(dir: string): Promise<string> {
  const { spec, params } = await openVersion({ version: 'latest', runDir: dir, cwd, seed: 0 });
  await writeFiles(join(cwd, 'out', 'encoder'), {
    'config.json': JSON.stringify(encoderConfigJson(spec.config)),
    'preprocessor_config.json': JSON.stringify(preprocessorJson(spec)),
    'model.safetensors': writeSafetensors(encoderTensors(spec.config, params)),
  });
  return join(cwd, 'out');
}

const event = (): Record<string, unknown> => JSON.parse(printed[0] ?? '{}') as Record<string, unknown>;
const estimate = {
  value: expect.any(Number) as number,
  low: expect.any(Number) as number,
  high: expect.any(Number) as number,
};

describe('murmur evaluate', () => {
  it('measures the newest version beside both baselines and changes nothing in the run', async () => {
    const dir = join(cwd, '.murmur', 'run');
    const [, newest] = await begin(dir, [5, 6]);
    // What the store keeps beside its file is its own.
    const files = async () =>
      (await readdir(dir, { recursive: true })).filter((name) => !name.startsWith('run.sqlite-'));
    const before = await files();
    const flags = { json: true, fewLabel: true, fineTune: true };
    expect(await evaluate(parts(runEvaluation), 'latest', { token: 'mean', seed: '0', ...flags })).toBe(0);
    const both = { knn: estimate, probe: estimate };
    expect(event()).toMatchObject({
      ...{ event: 'evaluate', version: newest, token: 'mean', labels: 18, tests: 6, ...both },
      baselines: { untrained: both, pixels: both },
      gains: { untrained: both, pixels: both },
      fewLabels: [{ share: 0.01, labels: 4 }, { share: 0.1 }],
      fineTuned: { encoder: { lastLayer: estimate, full: estimate }, untrained: { full: estimate } },
    });
    expect(told[0]).toContain('evaluation set of the run (test split)');
    expect(told.join('\n')).toContain('fine-tuning all layers from the untrained encoder: epoch 5 of 5');
    expect(await files()).toEqual(before);
  }, 180_000);

  it('prints a table, of labelled pictures from anywhere, and finds versions by the beginning of their name', async () => {
    const [first = ''] = await begin(join(cwd, '.murmur', 'run'), [5, 6]);
    const data = await pictures('other', [40, 16]);
    expect(await run(first.slice(0, 8), { data, labels: '20', tests: '10', token: 'class' })).toBe(0);
    expect(printed[0]).toBe(`version ${first.slice(0, 12)} on ${data}`);
    expect(printed[1]).toBe('20 labels to learn from, 10 pictures to test on, features: class token');
    expect(printed.slice(3, 7)).toEqual([
      '% right                 this version            untrained               raw pixels',
      'kNN                     50.0 (40.0 to 60.0)     50.0 (40.0 to 60.0)     50.0 (40.0 to 60.0)',
      '  better by                                     +0.0 (−10.0 to +10.0)   +0.0 (−10.0 to +10.0)',
      'linear probe            62.5 (50.0 to 75.0)     62.5 (50.0 to 75.0)     62.5 (50.0 to 75.0)',
    ]);
    expect(jobs[0]).toMatchObject({ token: 'class', seed: 0, fewLabel: false, fineTune: false });
    expect(jobs[0]?.labelled).toMatchObject({ testCount: 10, classes: 4 });
    expect(told[0]).toContain('may also have been trained on, without their labels');
  });

  it('takes an exported encoder, its untrained self beside it, and the file of a version', async () => {
    const dir = join(cwd, 'run');
    const [name = ''] = await begin(dir, [0]);
    const data = await pictures('other', [40, 16]);
    const exported = await exportedFolder(dir);
    await run('latest', { runDir: dir, data });
    await run(exported, { data });
    await run(join('run', 'versions', `${name}.safetensors`), { data });
    await run('untrained', { runDir: dir, data });
    // By their hashes: comparing a quarter of a million numbers one by one takes a minute.
    const [latest, folder, file, untrained] = jobs.map(({ params, untrained, spec, labelled }) => ({
      ...{ params: versionName(params), untrained: versionName(untrained), labels: labelled.labels },
      spec: { mean: spec.mean, std: spec.std, imageSize: spec.config.imageSize },
    }));
    expect(folder).toEqual(latest);
    expect(file).toEqual(latest);
    expect(untrained).toEqual(latest);
    // The version was drawn from the run's own seed: it is the untrained encoder.
    expect(latest?.untrained).toBe(latest?.params);
  });

  it('says why nothing could be measured', async () => {
    await begin(join(cwd, '.murmur', 'run'), [1]);
    const measure = () => Promise.reject(new EvaluationError('This version has diverged.'));
    await expect(run('latest', {}, measure)).rejects.toThrow(new Failure('This version has diverged.'));
  });
});

describe('murmur evaluate says what is wrong', () => {
  it('with the version', async () => {
    const dir = join(cwd, '.murmur', 'run');
    await expect(run()).rejects.toThrow('There is no run below');
    const names = await begin(dir, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    await expect(run('ffffffffffff')).rejects.toThrow('keeps no version "ffffffffffff": it keeps ');
    const initials = names.map((name) => name[0] ?? '');
    const twice = initials.find((letter, i) => initials.indexOf(letter) !== i) ?? '';
    await expect(run(twice)).rejects.toThrow(`begin with "${twice}"`);
    await expect(run('newest')).rejects.toThrow(
      `${join(cwd, 'newest')} does not exist, and "newest" names no version of a run`,
    );
    await writeFile(join(cwd, 'x.safetensors'), 'no');
    await expect(run('x.safetensors')).rejects.toThrow('does not say of which model it is');
    await expect(run('x.safetensors', { runDir: dir })).rejects.toThrow('Not a safetensors file');
    await expect(run('.')).rejects.toThrow('is no exported encoder');
  });

  it('with the flags and the pictures', async () => {
    const dir = join(cwd, '.murmur', 'run');
    await begin(dir, [1]);
    await expect(run('latest', { token: 'cls' })).rejects.toThrow(
      '--token must be one of mean, class, not "cls"',
    );
    await expect(run('latest', { labels: '0' })).rejects.toThrow('--labels must be a whole number from 1 on');
    await expect(run('latest', { seed: 'x' })).rejects.toThrow('--seed must be a whole number from 0 on');
    await expect(run('latest', { data: 'nowhere' })).rejects.toThrow('nowhere does not exist');
    await expect(run('latest', { data: 'glyphs' })).rejects.toThrow(
      'have 3 channels, and this encoder takes 1',
    );
    const exported = await exportedFolder(dir);
    await expect(run(exported)).rejects.toThrow('has no evaluation set: name labelled pictures by --data');
  });
});
