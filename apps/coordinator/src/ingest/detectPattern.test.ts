import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openDataset } from './dataset.ts';
import { ingest } from './ingest.ts';
import {
  cifarBatch,
  gz,
  idxImages,
  idxLabels,
  pictureFile,
  tarOf,
  testFolder,
  writeFiles,
} from './testSources.ts';

type Files = Readonly<Record<string, Uint8Array | string>>;

/** Ingests what a pattern matches among the files. */
async function ingestPattern(files: Files, pattern: string) {
  const folder = await testFolder();
  const source = join(await writeFiles(join(folder, 'in'), files), pattern);
  const outDir = join(folder, 'out');
  const again = () => ingest({ source, outDir, seed: 1 });
  return { report: await again(), again, folder, outDir };
}

const TWENTY = Array.from({ length: 20 }, (_, i) => i % 10);

/** 20 pictures in two classes; `first` makes them differ from those of another archive under the same names. */
async function archive(split: string, first: number): Promise<Buffer> {
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 20; i++) files[`${split}/c${i % 2}/${i}.png`] = await pictureFile(first + i);
  return tarOf(files);
}

describe('a pattern joins files of one kind', () => {
  test('tar archives: the same member name in two of them means two pictures', async () => {
    const files = {
      'part_1.tar.gz': gz(await archive('train', 0)),
      'part_2.tar': await archive('train', 20),
      'part_test.tar': await archive('test', 40),
      'other.tar': await archive('train', 60),
    };
    const { report, outDir } = await ingestPattern(files, 'part_*');
    expect(report.counts).toEqual({ training: 40, evaluation: 20, skipped: 0 });
    expect(report.manifest.name).toBe('part');
    expect((await (await openDataset(outDir)).evaluation())?.classes).toEqual(['c0', 'c1']);
  });

  test('a skipped picture is named with its archive', async () => {
    const whole = await archive('train', 0);
    const broken = await tarOf({ 'train/c0/0.png': Buffer.from('this is no picture') });
    const { report } = await ingestPattern({ 'a.tar': whole, 'b.tar': broken }, '?.tar');
    expect(report.skipped.map(({ name }) => name)).toEqual(['b.tar: train/c0/0.png']);
  });

  test('IDX files, with the labels beside them whether or not those match', async () => {
    const files = {
      'train-images-idx3-ubyte': idxImages(20),
      'train-labels-idx1-ubyte': idxLabels(TWENTY),
      't10k-images-idx3-ubyte.gz': gz(idxImages(20)),
      't10k-labels-idx1-ubyte.gz': gz(idxLabels(TWENTY)),
    };
    for (const pattern of ['*idx3*', '*ubyte*']) {
      const { report } = await ingestPattern(files, pattern);
      expect(report.counts).toEqual({ training: 20, evaluation: 20, skipped: 0 });
      expect(report.labelled).toBe(true);
    }
  });

  test('CIFAR-10 batches, with the class names beside them', async () => {
    const files = {
      'data_batch_1.bin': cifarBatch(20),
      'data_batch_2.bin.gz': gz(cifarBatch(20)),
      'test_batch.bin': cifarBatch(20),
      'batches.meta.txt': [...'abcdefghij'].join('\n'),
    };
    const { report, outDir } = await ingestPattern(files, '*_batch*');
    expect(report.counts).toEqual({ training: 40, evaluation: 20, skipped: 0 });
    expect((await (await openDataset(outDir)).evaluation())?.classes).toEqual([...'abcdefghij']);
  });

  test('and a further file that matches makes it another data set', async () => {
    const { report, again, folder } = await ingestPattern({ 'data_batch_1.bin': cifarBatch(40) }, '*.bin');
    expect((await again()).reused).toBe(true);
    await writeFiles(join(folder, 'in'), { 'data_batch_2.bin': cifarBatch(20) });
    const more = await again();
    expect(more.reused).toBe(false);
    expect(more.counts.training).toBeGreaterThan(report.counts.training);
  });
});

test.each<[string, Files, string, RegExp]>([
  ['nothing', { 'a.tar': 'x' }, '*.bin', /\*\.bin matches no file in .*: check the spelling\.$/],
  [
    'a mix',
    { 'a.tar': 'x', 'b.tar': 'y', 'a.bin': 'z' },
    '?.*',
    /\?\.\* matches a mix of formats: CIFAR-10 batches \(a\.bin\) and tar archives \(a\.tar and 1 more\)\. Change the pattern/,
  ],
  ['pictures', { 'a.png': 'x', 'b.png': 'y' }, '*.png', /a\.png is one picture: name the folder/],
  ['labels alone', { 'train-labels-idx1-ubyte': idxLabels([1]) }, 'train*', /holds labels only/],
  ['an unknown file', { 'a.tar': 'x', 'a.xyz': 'hello' }, 'a.*', /a\.xyz is of no known format/],
  ['an empty file', { 'a.tar': '', 'b.tar': 'x' }, '*.tar', /a\.tar is empty \(0 bytes\)/],
])('a pattern that matches %s is a sentence', async (_, files, pattern, sentence) => {
  await expect(ingestPattern(files, pattern)).rejects.toThrow(sentence);
});

test('a file whose own name has a * is that file', async () => {
  const files = { 'a*.bin': cifarBatch(30), 'ab.bin': cifarBatch(30) };
  expect((await ingestPattern(files, 'a*.bin')).report.counts.training).toBe(27);
});
