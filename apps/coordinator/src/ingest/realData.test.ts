import { createReadStream, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect, test } from 'vitest';
import { openDataset } from './dataset.ts';
import { ingest } from './ingest.ts';
import { tarOf, testFolder } from './testSources.ts';

/** Public data sets beside the checkout, where they are. */
const DATA = resolve(import.meta.dirname, '../../../../../shared/data');

function realTest(
  source: string,
  title: string,
  body: (path: string, outDir: string) => Promise<void>,
): void {
  const path = join(DATA, source);
  const present = existsSync(path);
  if (!present) console.warn(`Skipped "${title}": ${path} does not exist.`);
  test.skipIf(!present)(title, async () => body(path, await testFolder()));
}

realTest(
  'fashion-mnist/t10k-images-idx3-ubyte.gz',
  'Fashion-MNIST: 10,000 pictures, 1,000 of each class',
  async (path, outDir) => {
    const { counts, manifest } = await ingest({ source: path, outDir, seed: 1 });
    expect(counts).toEqual({ training: 9000, evaluation: 1000, skipped: 0 });
    expect(manifest).toMatchObject({ name: 't10k-images-idx3-ubyte', side: 32, channels: 1, patch: 4 });
    expect((await (await openDataset(outDir)).evaluation())?.labels).toHaveLength(1000);
  },
);

realTest(
  'cifar-10/test_lossless_1017.bin.gz',
  'CIFAR-10: the label histogram of its README',
  async (path, outDir) => {
    const { counts, manifest } = await ingest({ source: path, outDir, seed: 1 });
    expect(counts).toEqual({ training: 915, evaluation: 102, skipped: 0 });
    expect(manifest.mean.map((mean) => Math.round(mean * 25.5) / 25.5 > 0.4)).toEqual([true, true, true]);
    expect((await (await openDataset(outDir)).evaluation())?.classes[9]).toBe('truck');
  },
);

realTest(
  'cifar-10',
  'CIFAR-10 as binary and as archives in one folder: name one file',
  async (path, outDir) => {
    await expect(ingest({ source: path, outDir, seed: 1 })).rejects.toThrow(
      /holds a mix of formats: .*jpeg_test_first_5000.tar.gz.*Name one file/,
    );
  },
);

realTest('tiny-imagenet-10/val', 'Tiny ImageNet: class folders become labels', async (path, outDir) => {
  const { counts, manifest } = await ingest({ source: path, outDir, seed: 1 });
  expect(counts).toEqual({ training: 450, evaluation: 50, skipped: 0 });
  expect(manifest).toMatchObject({ side: 64, channels: 3, patch: 8 });
  expect((await (await openDataset(outDir)).evaluation())?.classes).toContain('king_penguin');
});

realTest('photos-variable-size', 'photos of many sizes, without labels', async (path, outDir) => {
  const { counts, manifest, labelled } = await ingest({ source: path, outDir, seed: 1 });
  expect(counts).toEqual({ training: 54, evaluation: 6, skipped: 0 });
  expect(manifest).toMatchObject({ side: 64, channels: 3, patch: 8 });
  expect(labelled).toBe(false);
});

realTest(
  'cifar-10/jpeg_test_first_5000.tar.gz',
  'a tar.gz with a test split only trains on it',
  async (path, outDir) => {
    const { counts, notes } = await ingest({ source: path, outDir, seed: 1, evalMax: 100 });
    expect(counts).toEqual({ training: 4900, evaluation: 100, skipped: 0 });
    expect(notes[0]).toBe('The source has a test split only, so it is used for training as well.');
  },
);

/** A copy of the first pictures of an archive: whole ones take a minute. */
async function firstOf(archive: string, count: number, folder: string): Promise<void> {
  const files: Record<string, Buffer> = {};
  const entries = createReadStream(archive).pipe(createGunzip()).pipe(extract());
  for await (const entry of entries) {
    const parts: Uint8Array[] = [];
    for await (const part of entry) if (part instanceof Uint8Array) parts.push(part);
    files[entry.header.name] = Buffer.concat(parts);
    if (Object.keys(files).length === count) break;
  }
  await writeFile(join(folder, basename(archive, '.gz')), await tarOf(files));
}

realTest(
  'cifar-10',
  'CIFAR-10 as JPEG: a pattern joins archives of both splits and all classes',
  async (path, outDir) => {
    const folder = await testFolder();
    for (const part of ['train_batch_1', 'train_batch_5', 'test_first_5000'])
      await firstOf(join(path, `jpeg_${part}.tar.gz`), 200, folder);
    const { counts, manifest, labelled } = await ingest({
      source: join(folder, 'jpeg_*.tar'),
      outDir,
      seed: 1,
    });
    expect(counts).toEqual({ training: 400, evaluation: 200, skipped: 0 });
    expect(manifest).toMatchObject({ name: 'jpeg', side: 32, channels: 3, patch: 4 });
    expect(labelled).toBe(true);
    expect((await (await openDataset(outDir)).evaluation())?.classes).toHaveLength(10);
  },
);
