import { float32 } from '@murmur/core/codec/float32';
import { int4 } from '@murmur/core/codec/int4';
import { sparse } from '@murmur/core/codec/sparse';
import type { ReducedPart } from '@murmur/core/round/state';
import { versionName } from '@murmur/core/version/name';
import { beforeEach, expect, test } from 'vitest';
import type { BlobStore } from '../store/blobStore.ts';
import { memoryBlobStore } from '../store/memoryBlobStore.ts';
import { openVersionKeeper, snapshotBlob, storeFirstVersion, type VersionKeeper } from './versionKeeper.ts';

const PARTS = [
  { start: 0, end: 2, owner: 'anna' },
  { start: 2, end: 4, owner: 'bert' },
];
const ROUND = { parts: PARTS, codec: 'float32' };
const FIRST = Float32Array.of(1, 2, 3, 4);

let blobs: BlobStore;
let keeper: VersionKeeper;
const options = () => ({
  schema: [{ name: 'w', shape: [4] }],
  outer: { learningRate: 1, momentum: 0.5 },
  blobs,
});
const moved = (delta: number): ReadonlyMap<number, ReducedPart> =>
  new Map([[0, { bytes: float32.encode(Float32Array.of(delta, delta)), contributors: ['anna'] }]]);

/** One round: version, adopted and pruned. */
async function next(delta: number): Promise<string> {
  const made = await keeper.make(ROUND, moved(delta));
  keeper.adopt(made);
  await keeper.prune();
  return made.version;
}
const snapshots = async () => (await blobs.list()).filter((name) => !name.startsWith('outer-'));
const named = (versions: readonly string[]) => [...new Set(versions)].map(snapshotBlob).sort();

beforeEach(async () => {
  blobs = memoryBlobStore();
  const version = await storeFirstVersion(options(), FIRST);
  keeper = await openVersionKeeper(options(), { version, pinned: [] });
});

test('VS1 RD6: a version is the base minus the update; a part that nobody reduced stays exactly as it was', async () => {
  const made = await keeper.make(ROUND, moved(2));
  expect(keeper.params()).toEqual(FIRST);
  keeper.adopt(made);
  // Nesterov: 2 + 0.5 · 2
  expect([...keeper.params()]).toEqual([-2, -1, 3, 4]);
  expect(made.version).toBe(versionName(keeper.params()));
  expect(made.updates[1]).toBeNull();
  expect(made.hashes[1]).toBeNull();
});

test('AG3: what a lie has changed is made good for by the next version, even when that was being made', async () => {
  const plain = { ...options(), outer: { learningRate: 1, momentum: 0 } };
  keeper = await openVersionKeeper(plain, { version: versionName(FIRST), pinned: [] });
  const lie = moved(50).get(0)!.bytes;
  const truth = moved(2).get(0)!.bytes;
  await next(50);
  const already = await keeper.make(ROUND, moved(1));
  keeper.heal(PARTS[0]!, { codec: 'float32', lie, truth });
  keeper.adopt(already);
  await next(1);
  // 1 and 2, less 2 that was meant, less twice 1.
  expect([...keeper.params()]).toEqual([-3, -2, 3, 4]);
  await next(0);
  expect([...keeper.params()]).toEqual([-3, -2, 3, 4]);
});

test('AG3: a lie about a part of which nothing is true is taken back whole', async () => {
  const plain = { ...options(), outer: { learningRate: 0.5, momentum: 0 } };
  keeper = await openVersionKeeper(plain, { version: versionName(FIRST), pinned: [] });
  await next(8);
  keeper.heal(PARTS[0]!, { codec: 'float32', lie: moved(8).get(0)!.bytes, truth: undefined });
  await next(0);
  expect(keeper.params()).toEqual(FIRST);
});

test('RD8: in a round with topk reduced parts are read and updates written as sparse', async () => {
  const version = versionName(FIRST);
  const plain = { ...options(), outer: { learningRate: 1, momentum: 0 } };
  keeper = await openVersionKeeper(plain, { version, pinned: [] });
  const reduced = { bytes: sparse.encode(Float32Array.of(0, 127)), contributors: ['anna'] };
  const made = await keeper.make({ parts: PARTS, codec: 'topk' }, new Map([[0, reduced]]));
  expect(made.updates).toEqual([reduced.bytes, null]);
  expect([...made.state.params]).toEqual([1, -125, 3, 4]);
});

test('RD8 CD3: rounds of one run may have different codecs: what one leaves out is in the update of the next', async () => {
  const plain = { ...options(), outer: { learningRate: 1, momentum: 0 } };
  keeper = await openVersionKeeper(plain, { version: versionName(FIRST), pinned: [] });
  const mean = Float32Array.of(0.3, 7);
  const contributors = ['anna'];
  const coarse = { bytes: int4.encode(mean), contributors };
  keeper.adopt(await keeper.make({ parts: PARTS, codec: 'int4' }, new Map([[0, coarse]])));
  keeper.adopt(await keeper.make(ROUND, new Map([[0, { bytes: float32.encode(mean), contributors }]])));
  const decoded = int4.decode(coarse.bytes, 2);
  const sum = decoded.kind === 'decoded' ? decoded.values.map((v, i) => v + (mean[i] as number)) : [];
  expect([...keeper.params()]).toEqual([1 - (sum[0] ?? NaN), 2 - (sum[1] ?? NaN), 3, 4].map(Math.fround));
});

test('the last three versions stay on disk, and those that are pinned', async () => {
  const versions: string[] = [];
  for (let i = 0; i < 6; i++) {
    versions.push(await next(1));
    if (i === 1) keeper.pin(versions[1] ?? '');
  }
  expect(await snapshots()).toEqual(named([versionName(FIRST), versions[1] ?? '', ...versions.slice(-3)]));
});

test('a version that rounds without a change make again and again stays on disk', async () => {
  const plain = { ...options(), outer: { learningRate: 1, momentum: 0 } };
  const version = versionName(FIRST);
  keeper = await openVersionKeeper(plain, { version, pinned: [] });
  const changed = await next(1);
  for (let i = 0; i < 5; i++) expect(await next(0)).toBe(changed);
  expect(await snapshots()).toEqual(named([version, changed]));
  await openVersionKeeper(plain, { version: changed, pinned: [] });
});

test('what could not be deleted is deleted later', async () => {
  const { delete: remove } = blobs;
  blobs.delete = () => Promise.reject(new Error('read-only disk'));
  const versions: string[] = [];
  for (let i = 0; i < 3; i++) versions.push(await next(1).catch(() => ''));
  for (let i = 0; i < 2; i++) keeper.adopt(await keeper.make(ROUND, moved(1)));
  await expect(keeper.prune()).rejects.toThrow('read-only disk');
  blobs.delete = remove;
  await keeper.prune();
  expect(await snapshots()).toHaveLength(4);
});

test('opened again, it carries momentum on and forgets what was never committed', async () => {
  const version = await next(2);
  await keeper.make(ROUND, moved(9));
  const again = await openVersionKeeper(options(), { version, pinned: [] });
  expect(await snapshots()).toEqual(named([version]));
  const [expected, made] = [await keeper.make(ROUND, moved(1)), await again.make(ROUND, moved(1))];
  expect(made.version).toBe(expected.version);
});

test('a missing or damaged version is a sentence that says what to do', async () => {
  const version = versionName(FIRST);
  await blobs.put(snapshotBlob(version), Uint8Array.of(1, 2, 3));
  await expect(openVersionKeeper(options(), { version, pinned: [] })).rejects.toThrow('--fresh');
  await blobs.delete(snapshotBlob(version));
  await expect(openVersionKeeper(options(), { version, pinned: [] })).rejects.toThrow('missing');
});
