import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { key } from '@murmur/core/random/key';
import { externalShuffle } from './externalShuffle.ts';
import { SpoolWriter, packRecord, recordLabel, recordPixels } from './spool.ts';
import { testFolder } from './testSources.ts';

const RECORD_BYTES = 6;

/** Shuffles 0..count-1, each as one record, with so little memory that buckets are scattered anew. */
async function shuffled(count: number, seed: number, memoryBytes: number): Promise<number[]> {
  const folder = await testFolder();
  const writer = await SpoolWriter.create(join(folder, 'spool'), RECORD_BYTES, 64);
  for (let i = 0; i < count; i++)
    await writer.append(packRecord(new Uint8Array(new Uint32Array([i]).buffer), i % 7));
  const found: number[] = [];
  for await (const record of externalShuffle(await writer.finish(), key(seed), memoryBytes)) {
    const value = Buffer.from(recordPixels(record)).readUInt32LE();
    expect(recordLabel(record)).toBe(value % 7);
    found.push(value);
  }
  expect(await readdir(folder)).toEqual([]);
  return found;
}

test.each([
  ['in memory', 1e6],
  ['in buckets', 2000],
  ['in buckets of buckets', 90],
])('every record comes out once, by the seed alone: %s', async (_, memoryBytes) => {
  const order = await shuffled(1500, 5, memoryBytes);
  expect([...order].sort((a, b) => a - b)).toEqual([...Array(1500).keys()]);
  expect(await shuffled(1500, 5, memoryBytes)).toEqual(order);
  expect(await shuffled(1500, 6, memoryBytes)).not.toEqual(order);
});

test('the order is uniform: each third of the output holds about a third of each third of the input', async () => {
  const order = await shuffled(3000, 8, 1500);
  const table = Array.from({ length: 9 }, () => 0);
  order.forEach((value, place) => (table[Math.floor(value / 1000) * 3 + Math.floor(place / 1000)]! += 1));
  const chiSquare = table.reduce((sum, n) => sum + (n - 1000 / 3) ** 2 / (1000 / 3), 0);
  expect(chiSquare).toBeLessThan(18.5); // 4 degrees of freedom, p = 0.001
});
