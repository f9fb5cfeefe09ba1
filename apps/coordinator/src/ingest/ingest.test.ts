import { readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decodeShard } from '@murmur/core/data/shard';
import { openDataset } from './dataset.ts';
import { ingest } from './ingest.ts';
import { InputError } from './inputError.ts';
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

const TENS = Array.from({ length: 120 }, (_, i) => i % 10);

/** A folder of 120 training and 20 test pictures with labels. */
const idxSource = async (folder: string): Promise<string> =>
  writeFiles(folder, {
    'train-images-idx3-ubyte.gz': gz(idxImages(120)),
    'train-labels-idx1-ubyte.gz': gz(idxLabels(TENS)),
    't10k-images-idx3-ubyte': idxImages(20),
    't10k-labels-idx1-ubyte': idxLabels(TENS.slice(0, 20)),
  });

/** All training pictures of a data set, each as a string. */
async function trainingPictures(outDir: string): Promise<string[]> {
  const { manifest, shardPath } = await openDataset(outDir);
  const { side, channels } = manifest;
  const found: string[] = [];
  for (const { hash, count } of manifest.shards) {
    const decoded = decodeShard(await readFile(shardPath(hash) as string), { hash, count, side, channels });
    if (!decoded.ok) throw new Error(decoded.sentence);
    const bytes = side * side * channels;
    for (let i = 0; i < count; i++)
      found.push(Buffer.from(decoded.shard.pixels.subarray(i * bytes, (i + 1) * bytes)).toString('hex'));
  }
  return found;
}

test('IDX files become shards, a manifest and a labelled test split', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  const report = await ingest({ source: await idxSource(join(folder, 'in')), outDir, seed: 3 });
  expect(report).toMatchObject({ labelled: true, reused: false, skipped: [], notes: [] });
  expect(report.counts).toEqual({ training: 120, evaluation: 20, skipped: 0 });
  expect(report.manifest).toMatchObject({ name: 'in', side: 16, channels: 1, patch: 2, seed: 3 });
  const dataset = await openDataset(outDir);
  expect(dataset.manifest).toEqual(report.manifest);
  const evaluation = await dataset.evaluation();
  expect(evaluation).toMatchObject({ count: 20, side: 16, origin: 'test split', classes: [...'0123456789'] });
  expect([...(evaluation?.labels ?? [])].sort()).toEqual(TENS.slice(0, 20).sort());
});

test('each training picture is in exactly one shard, padded with zeros in the centre', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  await ingest({ source: await idxSource(join(folder, 'in')), outDir, seed: 3 });
  const pixels = idxImages(120).subarray(16);
  const expected = Array.from({ length: 120 }, (_, i) => {
    const square = Buffer.alloc(256);
    for (let row = 0; row < 12; row++)
      square.set(pixels.subarray(i * 144 + row * 12, i * 144 + row * 12 + 12), (row + 2) * 16 + 2);
    return square.toString('hex');
  });
  expect((await trainingPictures(outDir)).sort()).toEqual(expected.sort());
});

test('evaluation labels still belong to their pictures after the shuffle', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  await ingest({ source: await idxSource(join(folder, 'in')), outDir, seed: 3 });
  const set = await (await openDataset(outDir)).evaluation();
  const originals = idxImages(20).subarray(16);
  for (let i = 0; i < 20; i++) {
    const firstRow = set?.pictures.subarray(i * 256 + 2 * 16 + 2, i * 256 + 2 * 16 + 14);
    const original = TENS.slice(0, 20).findIndex((_, n) =>
      originals.subarray(n * 144, n * 144 + 12).equals(firstRow ?? Buffer.of()),
    );
    expect(set?.labels?.[i]).toBe(original % 10);
  }
});

test('the same input and seed give the same shards; another seed gives another order of the same pictures', async () => {
  const folder = await testFolder();
  const source = await idxSource(join(folder, 'in'));
  const run = (name: string, seed: number) => ingest({ source, outDir: join(folder, name), seed });
  const [a, b, c] = [await run('a', 3), await run('b', 3), await run('c', 4)];
  expect(b.manifest).toEqual(a.manifest);
  expect(c.manifest.shards).not.toEqual(a.manifest.shards);
  expect((await trainingPictures(join(folder, 'c'))).sort()).toEqual(
    (await trainingPictures(join(folder, 'a'))).sort(),
  );
});

test('the same files and options are ingested once; a changed file, option or a lost shard starts anew', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  const source = await idxSource(join(folder, 'in'));
  const first = await ingest({ source, outDir, seed: 3 });
  expect(await ingest({ source, outDir, seed: 3 })).toEqual({ ...first, reused: true });
  expect((await ingest({ source, outDir, seed: 3, evalMax: 5 })).counts.evaluation).toBe(5);
  expect((await ingest({ source, outDir, seed: 3 })).reused).toBe(false);
  await rm((await openDataset(outDir)).shardPath(first.manifest.shards[0]!.hash) as string);
  expect(await ingest({ source, outDir, seed: 3 })).toEqual(first);
  await utimes(join(source, 't10k-images-idx3-ubyte'), 1, 1);
  expect(await ingest({ source, outDir, seed: 3 })).toEqual(first);
});

test('a failed ingest leaves the earlier data set whole and no temporary file behind', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  const source = await idxSource(join(folder, 'in'));
  const first = await ingest({ source, outDir, seed: 3 });
  await writeFile(join(source, 't10k-images-idx3-ubyte'), idxImages(20).subarray(0, 1000));
  await expect(ingest({ source, outDir, seed: 3 })).rejects.toThrow(InputError);
  expect((await openDataset(outDir)).manifest).toEqual(first.manifest);
  expect((await readdir(outDir)).sort()).toEqual(['evaluation', 'ingest.json', 'manifest.json', 'shards']);
});

test('shards of an earlier data set in the folder are removed', async () => {
  const folder = await testFolder();
  const outDir = join(folder, 'out');
  const source = await idxSource(join(folder, 'in'));
  await ingest({ source, outDir, seed: 3 });
  const { manifest } = await ingest({ source, outDir, seed: 4 });
  expect((await readdir(join(outDir, 'shards'))).sort()).toEqual(
    manifest.shards.map(({ hash }) => hash).sort(),
  );
});

test('shards have about the size asked for and hold nearly the same number of pictures', async () => {
  const folder = await testFolder();
  const files = { 'data_batch_1.bin': cifarBatch(300), 'test_batch.bin': cifarBatch(30) };
  const source = await writeFiles(join(folder, 'in'), files);
  const outDir = join(folder, 'out');
  const { manifest } = await ingest({ source, outDir, seed: 1, shardBytes: 8_000 });
  expect(manifest.shards.length).toBeGreaterThan(2);
  for (const { bytes } of manifest.shards) expect(bytes).toBeLessThan(12_000);
  const counts = manifest.shards.map(({ count }) => count);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  expect(counts.reduce((a, b) => a + b)).toBe(300);
});

test('SH3: labels stay with the coordinator: shards and manifest are the same bytes whatever the labels', async () => {
  const folder = await testFolder();
  const make = async (name: string, labels: number[]) => {
    const files = { 'train-images-idx3-ubyte': idxImages(120), 'train-labels-idx1-ubyte': idxLabels(labels) };
    await writeFiles(join(folder, name, 'set'), files);
    return (await ingest({ source: join(folder, name, 'set'), outDir: join(folder, name, 'out'), seed: 3 }))
      .manifest;
  };
  const [zeros, tens] = [
    await make(
      'zeros',
      TENS.map(() => 0),
    ),
    await make('tens', TENS),
  ];
  expect(tens).toEqual(zeros);
  expect(Object.keys(tens).sort()).toEqual([
    'channels',
    'format',
    'mean',
    'name',
    'patch',
    'seed',
    'shards',
    'side',
    'std',
  ]);
});

test('class names of folders appear in the evaluation only', async () => {
  const folder = await testFolder();
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 40; i++) files[`${i % 2 ? 'zebra' : 'quagga'}/${i}.png`] = await pictureFile(i);
  const outDir = join(folder, 'out');
  await ingest({ source: await writeFiles(join(folder, 'in'), files), outDir, seed: 3 });
  expect(await readFile(join(outDir, 'manifest.json'), 'utf8')).not.toMatch(/zebra|quagga|\.png/);
  expect((await (await openDataset(outDir)).evaluation())?.classes).toEqual(['quagga', 'zebra']);
});

test('without a test split a tenth is held out, and none of it is in a shard', async () => {
  const folder = await testFolder();
  const source = await writeFiles(join(folder, 'in'), { 'data_batch_1.bin.gz': gz(cifarBatch(100)) });
  const outDir = join(folder, 'out');
  const report = await ingest({ source, outDir, seed: 3 });
  expect(report.counts).toEqual({ training: 90, evaluation: 10, skipped: 0 });
  expect(report.notes).toEqual(['There is no separate test split: 10 pictures are held out for evaluation.']);
  const set = await (await openDataset(outDir)).evaluation();
  expect(set?.origin).toBe('held-out tenth');
  const training = new Set(await trainingPictures(outDir));
  for (let i = 0; i < 10; i++) {
    expect(training.has(Buffer.from(set!.pictures.subarray(i * 3072, (i + 1) * 3072)).toString('hex'))).toBe(
      false,
    );
  }
});

test('mean and deviation are those of the training pixels', async () => {
  const folder = await testFolder();
  const source = await writeFiles(join(folder, 'in'), {
    'data_batch_1.bin': cifarBatch(50),
    'test_batch.bin': cifarBatch(9),
  });
  const outDir = join(folder, 'out');
  const { manifest } = await ingest({ source, outDir, seed: 3 });
  const pixels = Buffer.from((await trainingPictures(outDir)).join(''), 'hex');
  const green = pixels.filter((_, i) => i % 3 === 1);
  const mean = green.reduce((sum, v) => sum + v, 0) / green.length;
  const variance = green.reduce((sum, v) => sum + (v - mean) ** 2, 0) / green.length;
  expect(manifest.mean[1]).toBeCloseTo(mean / 255, 10);
  expect(manifest.std[1]).toBeCloseTo(Math.sqrt(variance) / 255, 10);
});

test('one broken picture in a folder is skipped, counted and listed; a second in sixty ends it', async () => {
  const folder = await testFolder();
  const files: Record<string, Buffer> = { 'broken.jpg': Buffer.from('this is no picture') };
  for (let i = 0; i < 59; i++) files[`${i}.png`] = await pictureFile(i);
  const source = await writeFiles(join(folder, 'in'), files);
  const outDir = join(folder, 'out');
  const report = await ingest({ source, outDir, seed: 3 });
  expect(report.counts.skipped).toBe(1);
  expect(report.skipped).toEqual([
    { name: 'broken.jpg', reason: expect.stringContaining('unsupported image format') },
  ]);
  const whole = await pictureFile(1, 'jpeg', [200, 200, 3]);
  await writeFiles(source, { 'cut.jpg': whole.subarray(0, whole.length / 2) });
  await expect(ingest({ source, outDir, seed: 3 })).rejects.toThrow(
    /^2 of 61 pictures in .* cannot be read, .*broken.jpg: .*; cut.jpg: /,
  );
});

test('a folder without labels says that scores are left out', async () => {
  const folder = await testFolder();
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 30; i++) files[`${i}.png`] = await pictureFile(i);
  const report = await ingest({
    source: await writeFiles(join(folder, 'in'), files),
    outDir: join(folder, 'out'),
    seed: 3,
  });
  expect(report.labelled).toBe(false);
  expect(report.notes).toContain(
    'The source has no labels, so kNN and probe scores are left out; loss and reconstructions remain.',
  );
  expect(await readdir(join(folder, 'out', 'evaluation'))).not.toContain('labels.bin');
});

test('a tar archive gives the same pictures as the folder it was made of', async () => {
  const folder = await testFolder();
  const files: Record<string, Buffer> = {};
  for (let i = 0; i < 40; i++)
    files[`set/${i % 4 ? 'train' : 'val'}/c${i % 3}/${i}.png`] = await pictureFile(i);
  await writeFiles(join(folder, 'in'), files);
  await writeFiles(folder, { 'pictures.tgz': gz(await tarOf(files)) });
  const fromFolder = await ingest({ source: join(folder, 'in'), outDir: join(folder, 'a'), seed: 3 });
  const fromTar = await ingest({ source: join(folder, 'pictures.tgz'), outDir: join(folder, 'b'), seed: 3 });
  expect(fromTar.counts).toEqual({ training: 30, evaluation: 10, skipped: 0 });
  expect(fromTar.labelled).toBe(true);
  expect(fromFolder.counts).toEqual(fromTar.counts);
  expect((await trainingPictures(join(folder, 'b'))).sort()).toEqual(
    (await trainingPictures(join(folder, 'a'))).sort(),
  );
});

test('progress counts up to the total in each phase', async () => {
  const folder = await testFolder();
  const source = await idxSource(join(folder, 'in'));
  const seen: string[] = [];
  const onProgress = (p: { phase: string; done: number; total?: number }) =>
    seen.push(`${p.phase} ${p.done}/${p.total}`);
  await ingest({ source, outDir: join(folder, 'out'), seed: 3, onProgress });
  expect(seen).toEqual(['read 140/140', 'write 120/120']);
});

test('too few pictures to train on is a sentence', async () => {
  const folder = await testFolder();
  const source = await writeFiles(join(folder, 'in'), { 'data_batch_1.bin': cifarBatch(9) });
  await expect(ingest({ source, outDir: join(folder, 'out'), seed: 3 })).rejects.toThrow(
    /8 usable pictures to train on after 1 .*at least 16/,
  );
});
