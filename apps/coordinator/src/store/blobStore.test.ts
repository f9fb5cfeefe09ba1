import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from './blobStore.ts';
import { fileBlobStore } from './fileBlobStore.ts';
import { memoryBlobStore } from './memoryBlobStore.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-blobs-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const implementations: [string, () => Promise<BlobStore>][] = [
  ['memory', async () => memoryBlobStore()],
  ['files', () => fileBlobStore(join(dir, 'new', 'folder'))],
];

describe.each(implementations)('blob store contract: %s', (_, open) => {
  it('gives back what was put, and nothing for what was not', async () => {
    const store = await open();
    await store.put('a1.safetensors', Uint8Array.of(1, 2, 255));
    expect(await store.get('a1.safetensors')).toEqual(Uint8Array.of(1, 2, 255));
    expect(await store.has('a1.safetensors')).toBe(true);
    expect(await store.get('a2.safetensors')).toBeUndefined();
    expect(await store.has('a2.safetensors')).toBe(false);
  });

  it('keeps its own copy and replaces as a whole', async () => {
    const store = await open();
    const bytes = Uint8Array.of(1, 2, 3);
    await store.put('x', bytes);
    bytes[0] = 9;
    expect(await store.get('x')).toEqual(Uint8Array.of(1, 2, 3));
    await store.put('x', Uint8Array.of(7));
    expect(await store.get('x')).toEqual(Uint8Array.of(7));
  });

  it('lists sorted and deletes, twice too', async () => {
    const store = await open();
    for (const name of ['b', 'a', 'c.bin']) await store.put(name, new Uint8Array());
    expect(await store.list()).toEqual(['a', 'b', 'c.bin']);
    await store.delete('b');
    await store.delete('b');
    expect(await store.list()).toEqual(['a', 'c.bin']);
  });

  it.each(['', '.', '..', '../secret', 'a/b', 'a\\b', '-x', '.hidden', 'UPPER', 'a\0b'])(
    'rejects the name %j everywhere',
    async (name) => {
      const store = await open();
      await expect(store.put(name, Uint8Array.of(1))).rejects.toThrow('cannot name a blob');
      await expect(store.get(name)).rejects.toThrow('cannot name a blob');
      await expect(store.has(name)).rejects.toThrow('cannot name a blob');
      expect(await store.list()).toEqual([]);
    },
  );

  it('takes many writes of one name at a time', async () => {
    const store = await open();
    const writes = Array.from({ length: 20 }, (_, i) => store.put('same', new Uint8Array(1000).fill(i)));
    await Promise.all(writes);
    const bytes = await store.get('same');
    expect(bytes).toHaveLength(1000);
    expect(new Set(bytes).size).toBe(1);
    expect(await store.list()).toEqual(['same']);
  });
});

describe('file blob store', () => {
  it('removes what a crash left unfinished when it is opened, and leaves the rest', async () => {
    await writeFile(join(dir, '.unfinished-4711-1'), 'half');
    await writeFile(join(dir, 'whole'), 'all');
    const store = await fileBlobStore(dir);
    expect(await readdir(dir)).toEqual(['whole']);
    expect(await store.list()).toEqual(['whole']);
  });
});
