import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeShard } from '@murmur/core/data/shard';
import type { ShardPictures } from '@murmur/core/data/shard';
import { openDataset } from './dataset.ts';
import { ingest } from './ingest.ts';
import { InputError } from './inputError.ts';
import { SpoolWriter, packRecord, recordByteCount } from './spool.ts';
import { cifarBatch, idxImages, idxLabels, pictureFile, testFolder, writeFiles } from './testSources.ts';
import { writeSets } from './writeDataset.ts';

const TENS = Array.from({ length: 120 }, (_, i) => (i * 7) % 10);

const idxSource = (folder: string, labels: readonly number[] = TENS): Promise<string> =>
  writeFiles(folder, {
    'train-images-idx3-ubyte': idxImages(labels.length),
    'train-labels-idx1-ubyte': idxLabels(labels),
  });

async function shardsOf(outDir: string): Promise<ShardPictures[]> {
  const { manifest, shardPath } = await openDataset(outDir);
  return Promise.all(
    manifest.shards.map(async ({ hash, count }) => {
      const decoded = decodeShard(await readFile(shardPath(hash) as string), { ...manifest, hash, count });
      if (!decoded.ok) throw new Error(decoded.sentence);
      return decoded.shard;
    }),
  );
}

/** Which picture of `idxImages` stands at `i`: its first pixel, inside the padding, tells. */
function originalOf({ pixels, side }: ShardPictures, i: number): number {
  const first = pixels[i * side * side + 2 * side + 2] as number;
  return Array.from({ length: 256 }, (_, n) => n).find((n) => (n * (144 * 31 + 7)) % 256 === first) as number;
}

test('SH3: with labels each training picture keeps its own through shuffle and shards', async () => {
  const folder = await testFolder();
  const source = await idxSource(join(folder, 'in'));
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.integer({ min: 500, max: 30_000 }), async (seed, shardBytes) => {
      const outDir = join(folder, 'out');
      const { manifest } = await ingest({ source, outDir, seed, shardBytes, withLabels: true });
      expect(manifest.classCount).toBe(10);
      const shards = await shardsOf(outDir);
      const pairs = shards.flatMap((shard) =>
        [...(shard.labels ?? [])].map((label, i) => [originalOf(shard, i), label] as const),
      );
      expect(pairs).toHaveLength(108);
      expect(pairs.map(([, label]) => label)).toEqual(pairs.map(([original]) => TENS[original]));
      expect(new Set(pairs.map(([original]) => original)).size).toBe(108);
    }),
    { numRuns: 8 },
  );
});

test('SH3: class names stay with the evaluator, also where labels are leased', async () => {
  const folder = await testFolder();
  const files = {
    'data_batch_1.bin': cifarBatch(60),
    'batches.meta.txt': 'abcdefghij'
      .split('')
      .map((c) => `zebra-${c}`)
      .join('\n'),
  };
  const outDir = join(folder, 'out');
  await ingest({ source: await writeFiles(join(folder, 'in'), files), outDir, seed: 1, withLabels: true });
  expect(await readFile(join(outDir, 'manifest.json'), 'utf8')).not.toContain('zebra');
  expect((await (await openDataset(outDir)).evaluation())?.classes[3]).toBe('zebra-d');
});

test('SH3: data made without labels are not used again for a run that leases them, nor the other way round', async () => {
  const folder = await testFolder();
  const source = await idxSource(join(folder, 'in'));
  const outDir = join(folder, 'out');
  const make = (withLabels: boolean) => ingest({ source, outDir, seed: 3, withLabels });
  const plain = await make(false);
  const labelled = await make(true);
  expect(labelled.reused).toBe(false);
  expect(labelled.manifest.shards).not.toEqual(plain.manifest.shards);
  expect((await make(true)).reused).toBe(true);
  const again = await make(false);
  expect(again).toEqual(plain);
  // What carried labels is gone from where shards are served.
  expect((await readdir(join(outDir, 'shards'))).sort()).toEqual(
    plain.manifest.shards.map(({ hash }) => hash).sort(),
  );
});

describe('labels that are asked for and not there are a sentence', () => {
  const refused = async (files: Record<string, Uint8Array>): Promise<string> => {
    const folder = await testFolder();
    const source = await writeFiles(join(folder, 'in'), files);
    const outcome = ingest({ source, outDir: join(folder, 'out'), seed: 3, withLabels: true });
    const error: unknown = await outcome.catch((reason: unknown) => reason);
    if (!(error instanceof InputError)) throw error;
    return error.message.replaceAll(`${folder}/`, '');
  };
  const png = async (names: readonly string[]): Promise<Record<string, Uint8Array>> =>
    Object.fromEntries(
      await Promise.all(names.map(async (name, i) => [name, await pictureFile(i)] as const)),
    );
  const numbered = (prefix: string) => Array.from({ length: 20 }, (_, i) => `${prefix}${i}.png`);

  test('no labels at all', async () => {
    expect(await refused(await png(numbered('')))).toBe(
      'in has no labels, and a supervised run learns from labels of two classes or more: put the pictures into a ' +
        'folder for each class or the label file beside the pictures, or choose another objective.',
    );
  });

  test('labels of some pictures only, with what was found', async () => {
    const some = await png([...numbered('cat/'), ...numbered('dog/'), 'stray.png']);
    expect(await refused(some)).toMatch(/^in has no labels, .*Only some pictures lie in class folders/);
  });

  test('one class', async () => {
    const files = {
      'train-images-idx3-ubyte': idxImages(40),
      'train-labels-idx1-ubyte': idxLabels(Array(40).fill(0)),
    };
    expect(await refused(files)).toContain('in has labels of one class only');
  });

  test('one training picture', async () => {
    const folder = await testFolder();
    const write = async (name: string, labels: readonly (number | undefined)[]) => {
      const spool = await SpoolWriter.create(join(folder, name), recordByteCount(64));
      for (const label of labels) await spool.append(packRecord(new Uint8Array(64), label));
      return spool.finish();
    };
    const counts = { evaluationCount: 1, trainingCount: 20 };
    const labels = Array.from({ length: 20 }, (_, i) => (i === 13 ? undefined : i % 2));
    const plan = async () => ({
      ...{ training: await write('train', labels), evaluation: await write('test', [1]) },
      ...{ ...counts, origin: 'test split' as const, notes: [] },
    });
    const target = {
      ...{
        outDir: folder,
        work: folder,
        seed: 1,
        shape: { side: 8, channels: 1 as const, fit: 'pad' as const },
        classes: ['a', 'b'],
      },
      ...{ shardBytes: 1000, onPicture: () => undefined },
    };
    await expect(writeSets(await plan(), { ...target, withLabels: true })).rejects.toThrow(
      /^A training picture has no label, and a supervised run needs one for each/,
    );
    expect((await writeSets(await plan(), { ...target, withLabels: false })).shards).toHaveLength(1);
  });
});
