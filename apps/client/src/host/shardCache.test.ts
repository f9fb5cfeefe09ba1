import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { diskShardCache } from '../headless/diskShardCache.ts';
import { memoryShardCache, surplus, withFallback, type ShardCache } from './shardCache.ts';

const name = (i: number) => String(i).repeat(64);
const file = (i: number) => new Uint8Array(100).fill(i);
let folder: string;

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'murmur-'))));
afterAll(() => rm(folder, { recursive: true }));

const caches: [string, (maxBytes: number) => ShardCache][] = [
  ['memory', memoryShardCache],
  ['disk', (maxBytes) => diskShardCache(join(folder, String(maxBytes)), maxBytes)],
];

describe.each(caches)('the contract of every shard cache: %s', (_, make) => {
  test('gives back what was put, until it is removed', async () => {
    const cache = make(1000);
    expect(await cache.get(name(1))).toBeUndefined();
    await cache.put(name(1), file(1));
    expect(await cache.get(name(1))).toEqual(file(1));
    await cache.put(name(1), file(2));
    expect(await cache.get(name(1))).toEqual(file(2));
    await cache.remove(name(1));
    await cache.remove(name(1));
    expect(await cache.get(name(1))).toBeUndefined();
  });

  test('keeps a copy that nobody else can change', async () => {
    const cache = make(1001);
    const bytes = file(3);
    await cache.put(name(3), bytes);
    bytes.fill(0);
    (await cache.get(name(3)))?.fill(0);
    expect(await cache.get(name(3))).toEqual(file(3));
  });

  test('keeps no more bytes than allowed', async () => {
    const cache = make(250);
    for (const i of [1, 2, 3, 4]) await cache.put(name(i), file(i));
    const kept = await Promise.all([1, 2, 3, 4].map((i) => cache.get(name(i))));
    expect(kept.filter((f) => f !== undefined).length).toBe(2);
  });
});

test('the oldest files go first, and only as many as must', () => {
  const files = [3, 1, 2].map((keptAtMs) => ({ hash: name(keptAtMs), bytes: 100, keptAtMs }));
  expect(surplus(files, 300)).toEqual([]);
  expect(surplus(files, 299)).toEqual([name(1)]);
  expect(surplus(files, 100)).toEqual([name(1), name(2)]);
});

test('a cache on disk takes hashes only and leaves no draft behind', async () => {
  const cache = diskShardCache(join(folder, 'names'), 1000);
  await expect(cache.get('../secret')).rejects.toThrow(/64 hex digits/);
  await cache.put(name(1), file(1));
  expect(await readdir(join(folder, 'names'))).toEqual([name(1)]);
});

test('when the first cache fails, the second takes over with one sentence', async () => {
  const fail = () => Promise.reject(new Error('the quota is used up'));
  const sentences: string[] = [];
  const cache = withFallback({ get: fail, put: fail, remove: fail }, memoryShardCache(1000), (s) =>
    sentences.push(s),
  );
  await Promise.all([cache.put(name(1), file(1)), cache.put(name(2), file(2))]);
  expect(await cache.get(name(1))).toEqual(file(1));
  expect(sentences).toEqual([expect.stringMatching(/the quota is used up/)]);
});
