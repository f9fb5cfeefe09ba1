import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { chooseBatch } from '@murmur/core/round/plan';
import { batchRuleOf } from '../cli/openRun.ts';
import { ingest } from '../ingest/ingest.ts';
import { idxImages, idxLabels, testFolder, writeFiles } from '../ingest/testSources.ts';
import { chartSvg } from './chart.ts';
import { cellsOf, parseFactor } from './factors.ts';
import { planSweep, type SweepFlags } from './planSweep.ts';
import { runSweep, type SweepEvent } from './sweep.ts';
import { fromCsv, spreadOf, summarise, toCsv, type Row } from './table.ts';
import { findingSentence, findingTable } from './words.ts';

const row = (maskRatio: string, seed: number, probe: number): Row => ({
  levels: { maskRatio },
  seed,
  result: { samples: 640, rounds: 10, loss: 0.25, knn: 0.5, probe, uploadBytes: 1e6, seconds: 2.5 },
  untrained: { knn: 0.3, probe: 0.4 },
  pixels: { knn: 0.6, probe: 0.55 },
});
const rows = [row('0.5', 0, 0.7), row('0.5', 1, 0.72), row('0.75', 0, 0.6), row('0.75', 1, 0.61)];

const flags = (changes: Partial<SweepFlags> = {}): SweepFlags => ({
  flags: {},
  vary: ['maskRatio=0.5,0.75'],
  seeds: 2,
  jobs: 1,
  out: 'out',
  title: undefined,
  command: 'npm start -- sweep',
  ...changes,
});

describe('what is varied', () => {
  test('every combination of the levels comes once with every seed, joined settings together', () => {
    const factors = [parseFactor('codec=int8,float32'), parseFactor('outerLr+outer-momentum=1+0,0.7+0.9')];
    const cells = cellsOf(factors, [0, 1]);
    expect(cells).toHaveLength(8);
    expect(cells[0]).toEqual({ levels: { codec: 'int8', outerLr: '1', outerMomentum: '0' }, seed: 0 });
    expect(cells[3]).toEqual({ levels: { codec: 'int8', outerLr: '0.7', outerMomentum: '0.9' }, seed: 1 });
  });

  test.each([
    ['maskRatio', /NAME=VALUE/],
    ['port=1,2', /cannot vary "port"/],
    ['seed=1,2', /cannot vary "seed"/],
    ['outerLr+outerMomentum=1+0,0.7', /needs 2 values joined by \+ a level, not "0.7"/],
    ['maskRatio=0.5,,0.7', /needs 1 value a level/],
  ])('%s is refused with a sentence', (given, sentence) => {
    expect(() => parseFactor(given)).toThrow(sentence);
  });

  test('a setting that is varied twice is refused', () => {
    expect(() => cellsOf(['codec=int8', 'codec=float32'].map(parseFactor), [0])).toThrow(/names codec twice/);
  });

  test('every configuration is checked before the first one runs', () => {
    expect(() => planSweep(flags({ vary: ['maskRatio=0.5,2'] }), {})).toThrow(/--mask-ratio must be/);
    expect(() => planSweep(flags({ vary: ['codec=int8,auto'] }), {})).toThrow(/--codec must be named/);
    expect(() => planSweep(flags({ flags: { rounds: '3' } }), {})).toThrow(/cannot both be the target/);
    expect(() => planSweep(flags({ vary: ['innerSteps=auto'] }), {})).toThrow(
      /--inner-steps must be a number/,
    );
    expect(() => planSweep(flags({ vary: [] }), {})).toThrow(/at least one --vary/);
  });

  test('attackers can be varied, or the same for all, and must leave somebody honest', () => {
    const { cells, optionsOf } = planSweep(
      flags({ flags: { volunteers: '8' }, vary: ['attack=none,sign-flip', 'aggregate=auto,mean'], seeds: 1 }),
      {},
    );
    const last = cells.at(-1);
    expect(cells.map(({ levels }) => levels.attack)).toEqual(['none', 'none', 'sign-flip', 'sign-flip']);
    expect(last && optionsOf(last)).toMatchObject({
      ...{ attack: 'sign-flip', attackers: 0.25, aggregate: 'mean', volunteers: 8 },
    });
    const refused = (given: Readonly<Record<string, string>>) => () => planSweep(flags({ flags: given }), {});
    expect(refused({ attack: 'charm' })).toThrow(/--attack must be one of none, sign-flip, .*, not "charm"/);
    expect(refused({ attackers: 'two' })).toThrow(
      /--attackers must be a number from 0.01 to 0.99, not "two"/,
    );
    expect(refused({ attack: 'zero', volunteers: '1' })).toThrow(/makes 0 of 1 volunteers attack/);
    expect(refused({ attack: 'zero', attackers: '0.9' })).toThrow(/makes 2 of 2 volunteers attack/);
  });

  test('a joint batch is shared by the volunteers, a batch of each is not', () => {
    const batches = (given: Readonly<Record<string, string>>) => {
      const { cells, optionsOf } = planSweep(
        flags({ flags: given, vary: ['volunteers=1,4,8'], seeds: 1 }),
        {},
      );
      return cells.map((cell) => {
        const options = optionsOf(cell);
        return chooseBatch(batchRuleOf(options), options.volunteers);
      });
    };
    expect(batches({ jointBatch: '96' })).toEqual([96, 24, 12]);
    expect(batches({ jointBatch: '16' })).toEqual([16, 8, 8]);
    expect(batches({ batchSize: '20' })).toEqual([20, 20, 20]);
  });
});

describe('the rows', () => {
  test('are read back as they were written', () => {
    expect(fromCsv(toCsv(['maskRatio'], rows), ['maskRatio'], 'x.csv')).toEqual(rows);
  });

  test('of another sweep, or damaged, are refused with the line', () => {
    const csv = toCsv(['maskRatio'], rows);
    expect(() => fromCsv(csv, ['codec'], 'x.csv')).toThrow(/x\.csv is of another sweep/);
    expect(() => fromCsv(`${csv}0.9,0,1\n`, ['maskRatio'], 'x.csv')).toThrow(/damaged in line 6/);
  });

  test('of one configuration are summed up over the seeds', () => {
    const [first] = summarise(['maskRatio'], rows);
    expect(first).toMatchObject({ levels: { maskRatio: '0.5' }, seeds: 2, uploadBytesPerRound: 1e5 });
    expect(first?.probe.mean).toBeCloseTo(0.71, 9);
    // ((0.01² + 0.01²) / (2 − 1))^½
    expect(first?.probe.deviation).toBeCloseTo(Math.sqrt(2e-4), 9);
    expect(spreadOf([0.5]).deviation).toBe(0);
  });
});

describe('the report', () => {
  const summaries = summarise(['maskRatio'], rows);
  const findings = { names: ['maskRatio'] as const, summaries, rows, tests: 1000 };

  test('says what is best, what cannot be told from it, and the baselines', () => {
    const sentence = findingSentence(findings);
    expect(sentence).toContain('The best probe has maskRatio 0.5 (71.0 ± 1.4 %)');
    expect(sentence).toContain('the untrained encoder has 40.0 %, raw pixels 55.0 %');
    expect(sentence).toContain('No other lies within 2.9 points');
    expect(findingSentence({ ...findings, tests: 50 })).toContain('lie also: maskRatio 0.75 (60.5 ± 0.7 %)');
    expect(findingTable(findings)).toContain('| 0.75 | 60.5 ± 0.7 | 60.0 to 61.0 | −10.5 |');
  });

  test('draws a point for each configuration, the better the higher', () => {
    const svg = chartSvg({ title: 'a < b', factors: [parseFactor('maskRatio=0.5,0.75')], summaries, rows });
    const heights = [...svg.matchAll(/<circle cx="[\d.]+" cy="([\d.]+)"/g)].map((m) => Number(m[1]));
    expect(heights).toHaveLength(2);
    expect(heights[0]).toBeLessThan(heights[1] as number);
    expect(svg).toContain('a &lt; b');
    expect(svg).not.toContain('NaN');
  });
});

describe('a whole sweep', () => {
  const labels = Array.from({ length: 80 }, (_, i) => i % 2);

  /** Pictures to train on and to score with, the same for the same side. */
  const writeData = (folder: string, side = 12) =>
    writeFiles(folder, {
      'few-images-idx3-ubyte': idxImages(80, side, side),
      'few-labels-idx1-ubyte': idxLabels(labels),
      't10k-images-idx3-ubyte': idxImages(80, side, side),
      't10k-labels-idx1-ubyte': idxLabels(labels),
    });

  async function sweep(cwd: string, changes: Partial<SweepFlags>, more: SweepFlags['flags'] = {}) {
    const events: SweepEvent[] = [];
    const request = flags({
      ...{ seeds: 1, ...changes },
      flags: { data: '.', samples: '32', batchSize: '4', ...more },
    });
    const sentence = await runSweep(request, {
      ...{ cwd, env: {}, ingest, progress: () => undefined },
      ingestReporter: () => ({ update: () => undefined, stop: () => undefined }),
      event: (event) => events.push(event),
    });
    const read = (name: string) => readFile(join(cwd, 'out', name), 'utf8');
    return { kinds: events.map((e) => e.event), sentence, csv: await read('results.csv'), read };
  }

  const timeless = (line: string) => line.split(',').filter((_, i) => i !== 8);

  test('that was stopped goes on with what is missing and comes to the same', async () => {
    const cwd = await writeData(await testFolder());
    const whole = await sweep(cwd, {});
    expect(whole.kinds).toEqual(['configuration', 'configuration', 'swept']);
    const [header, first = '', second = ''] = whole.csv.split('\n');
    await writeFile(join(cwd, 'out', 'results.csv'), `${header}\n${second}\n`);
    const again = await sweep(cwd, {});
    expect(again.kinds).toEqual(['configuration', 'swept']);
    expect(timeless(again.csv.split('\n')[1] ?? '')).toEqual(timeless(first));
    expect(again.csv.split('\n')[2]).toBe(second);
    expect(await again.read('README.md')).toContain(again.sentence);
    // 80 labelled pictures, whatever --eval-samples would allow
    expect(again.sentence).toContain('on 20 test pictures');
  });

  test('takes more levels, and loses no row that another command asked for', async () => {
    const cwd = await writeData(await testFolder());
    const before = await sweep(cwd, { vary: ['maskRatio=0.5'] });
    const [, kept = ''] = before.csv.split('\n');
    const after = await sweep(cwd, { vary: ['maskRatio=0.75'] });
    expect(after.kinds).toEqual(['configuration', 'swept']);
    expect(
      after.csv
        .split('\n')
        .slice(1, 3)
        .map((line) => line.split(',')[0]),
    ).toEqual(['0.75', '0.5']);
    expect(after.csv).toContain(kept);
    expect(await after.read('README.md')).not.toContain('| 0.5 |');
  });

  test.each<[string, SweepFlags['flags']]>([
    ['other data', { data: 'others' }],
    ['another number of volunteers', { volunteers: '1' }],
    ['another learning rate', { learningRate: '0.01' }],
  ])('keeps its folder from %s', async (_, more) => {
    const cwd = await writeData(await testFolder());
    await writeData(join(cwd, 'others'), 16);
    await sweep(cwd, { vary: ['maskRatio=0.5'] }, { data: 't10k-images-idx3-ubyte' });
    const clash = sweep(cwd, { vary: ['maskRatio=0.5'] }, { data: 't10k-images-idx3-ubyte', ...more });
    await expect(clash).rejects.toThrow(/holds a sweep with other settings or other data/);
  });

  test('lets volunteers attack, and says so', async () => {
    const cwd = await writeData(await testFolder());
    const attackers = { attackers: '0.5', aggregate: 'mean' };
    const { csv, read } = await sweep(cwd, { vary: ['attack=none,scaled'] }, attackers);
    const [, clean = '', attacked = ''] = csv.split('\n');
    const lossOf = (line: string) => Number(line.split(',')[4]);
    expect(lossOf(attacked)).toBeGreaterThan(lossOf(clean));
    expect(await read('README.md')).toContain(
      'aggregate mean · attackers 50.0 % · spot checks 15.0 % of the time',
    );
  });

  test('trains each patch size on pictures cut that way', async () => {
    const cwd = await writeData(await testFolder());
    const { csv, read } = await sweep(cwd, { vary: ['patch=4,8'] });
    const [, small = '', large = ''] = csv.split('\n').map((line) => line.split(','));
    // A part of the upload is the patch kernel: 96 · 16 or 96 · 64 values
    expect(Number(large[7])).toBeGreaterThan(Number(small[7]));
    expect(await read('README.md')).not.toContain('patches of');
  });
});
