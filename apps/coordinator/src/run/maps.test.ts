import { decodeMap } from '@murmur/core/protocol/map';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../store/blobStore.ts';
import { fileBlobStore } from '../store/fileBlobStore.ts';
import { memoryBlobStore } from '../store/memoryBlobStore.ts';
import { mapBlob, openMaps, picturesBlob, type Maps } from './maps.ts';
import type { MapDrawing } from './options.ts';

const version = (n: number) => n.toString(16).padStart(64, '0');
const hash = version(0xabc);
const params = Float32Array.of(1);

let said: string[];
let begun: (number | undefined)[];
let failing: string | undefined;
let changes: number;

/** Draws a map whose first coordinate counts how often it was drawn on from. */
const drawing = (over: Partial<MapDrawing['pictures']['facts']> = {}): MapDrawing => ({
  pictures: { facts: { hash, count: 2, side: 1, channels: 1, ...over }, bytes: Uint8Array.of(1, 2) },
  draw: async (_, previous) => {
    begun.push(previous?.pca[0]);
    if (failing !== undefined) throw new Error(failing);
    const layout = new Float32Array(4).fill((previous?.pca[0] ?? 0) + 1);
    return { layouts: { pca: layout, umap: layout }, seconds: 2 };
  },
});
const open = (blobs: BlobStore, from = drawing()): Promise<Maps> =>
  openMaps(blobs, from, { alert: (level, sentence) => void said.push(`${level}: ${sentence}`) }, () => {
    changes++;
  });

beforeEach(() => {
  [said, begun, failing, changes] = [[], [], undefined, 0];
});

describe('maps of a run', () => {
  it('are drawn one after the other, each from the one before, and once a version', async () => {
    const blobs = memoryBlobStore();
    const maps = await open(blobs);
    expect(maps.index()).toEqual({ pictures: drawing().pictures.facts, versions: [] });
    const both = [maps.take(0, version(1), params), maps.take(10, version(2), params)];
    expect(await Promise.all(both)).toEqual([2, 2]);
    expect(await maps.take(20, version(2), params)).toBe(0);
    expect(begun).toEqual([undefined, 1]);
    expect(maps.index().versions).toEqual([
      { round: 0, version: version(1) },
      { round: 10, version: version(2) },
    ]);
    expect(decodeMap((await blobs.get(mapBlob(version(2))))!)).toMatchObject({ round: 10 });
    expect(await blobs.get(picturesBlob(hash))).toEqual(Uint8Array.of(1, 2));
    expect(changes).toBe(2);
  });

  it('that cannot be drawn are said, and cost nothing else', async () => {
    const maps = await open(memoryBlobStore());
    failing = 'no memory';
    expect(await maps.take(10, version(1), params)).toBe(0);
    failing = undefined;
    expect(await maps.take(20, version(2), params)).toBe(2);
    expect(said).toEqual(['warning: The map of round 10 could not be drawn: no memory']);
    expect(maps.index().versions).toEqual([{ round: 20, version: version(2) }]);
  });

  it('are at most 200, from the first to the last', async () => {
    const blobs = memoryBlobStore();
    const maps = await open(blobs);
    for (let n = 0; n <= 230; n++) await maps.take(10 * n, version(n + 1), params);
    const rounds = maps.index().versions.map(({ round }) => round);
    expect([rounds.length, rounds[0], rounds.at(-1)]).toEqual([200, 0, 2_300]);
    expect((await blobs.list()).length).toBe(201);
  });
});

describe('after a restart', () => {
  let dir = '';
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'murmur-maps-'));
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));

  it('maps are there again, by round, and the next one begins from the newest', async () => {
    const first = await open(await fileBlobStore(dir));
    // Later rounds under earlier names: the folder's order is not the run's.
    for (const n of [1, 2, 3]) await first.take(10 * n, version(9 - n), params);
    const again = await open(await fileBlobStore(dir));
    expect(again.index()).toEqual(first.index());
    await again.take(40, version(20), params);
    expect(begun).toEqual([undefined, 1, 2, 3]);
  });

  it('a damaged map is dropped, the others stay', async () => {
    const blobs = await fileBlobStore(dir);
    const first = await open(blobs);
    for (const n of [1, 2]) await first.take(n, version(n), params);
    await blobs.put(mapBlob(version(1)), Uint8Array.of(1));
    const again = await open(blobs);
    expect(again.index().versions).toEqual([{ round: 2, version: version(2) }]);
    expect(await blobs.has(mapBlob(version(1)))).toBe(false);
  });

  it('maps of other pictures are dropped', async () => {
    const blobs = await fileBlobStore(dir);
    await (await open(blobs)).take(1, version(1), params);
    const again = await open(blobs, drawing({ hash: version(7) }));
    expect(again.index().versions).toEqual([]);
    expect(await blobs.list()).toEqual([picturesBlob(version(7))]);
  });
});
