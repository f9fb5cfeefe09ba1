import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { schemaOf } from '@murmur/core/models/parameters';
import { unflatten } from '@murmur/core/tensor/params';
import { ingest } from '../ingest/ingest.ts';
import { cifarBatch, testFolder, writeFiles } from '../ingest/testSources.ts';
import { openModel } from './openModel.ts';
import { runFiles } from './runDir.ts';

test('the untrained encoder of a colorizer is the one that its run began with: equal kernels for every channel', async () => {
  const dir = await testFolder();
  const data = await writeFiles(join(dir, 'source'), {
    'data_batch_1.bin': cifarBatch(20),
    'test_batch.bin': cifarBatch(20),
  });
  await ingest({ source: data, outDir: runFiles.data(dir), seed: 0 });
  await mkdir(dir, { recursive: true });
  await writeFile(
    runFiles.settings(dir),
    JSON.stringify({ data, preset: 'nano', objective: 'colorize', seed: 3 }),
  );
  const { spec, untrained } = await openModel(dir);
  const encoder = schemaOf(spec).filter(({ name }) => name.startsWith('vit.'));
  const kernels = unflatten(encoder, untrained).get('vit.embeddings.patch_embeddings.projection.weight');
  const area = spec.config.patchSize ** 2;
  const channel = (c: number) => kernels?.subarray(c * area, (c + 1) * area);
  expect(channel(1)).toEqual(channel(0));
  expect(channel(2)).toEqual(channel(0));
  expect(kernels?.some((value) => value !== 0)).toBe(true);
});
