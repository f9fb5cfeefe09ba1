import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import { decodeShard, encodeShard, maxShardBytes, shardHash } from './shard.ts';

const pixels = Uint8Array.from({ length: 3 * 8 * 8 }, (_, i) => (i * 37) % 251);
const pictures = { count: 3, side: 8, channels: 1, pixels } as const;
const file = encodeShard(pictures);
const expected = { hash: shardHash(file), count: 3, side: 8, channels: 1 } as const;
const namedBy = (bytes: Uint8Array) => ({ ...expected, hash: shardHash(bytes) });

const labels = Uint16Array.of(2, 0, 299);
const labelled = encodeShard({ ...pictures, labels });
const expectedLabelled = { ...expected, hash: shardHash(labelled), classCount: 300 } as const;

test('a shard comes back as it was written', () => {
  expect(decodeShard(file, expected)).toEqual({ ok: true, shard: pictures });
});

test('the file of given pictures is pinned: compression is the same on every machine', () => {
  expect(sha256Hex(file)).toBe('1ed9a26ed9efe5c5c24360bd08a30433d61b242624edc29135a4ce2b0a993330');
});

test.each([
  ['another name', file, { ...expected, hash: '0'.repeat(64) }, 'wrong hash'],
  ['another count', file, { ...expected, count: 4 }, 'wrong size'],
  ['another shape of the same size', file, { ...expected, count: 12, side: 4 }, 'wrong header'],
  ['no gzip', pixels, namedBy(pixels), 'not gzip'],
  ['nothing', new Uint8Array(0), namedBy(new Uint8Array(0)), 'not gzip'],
  ['a half', file.subarray(0, 60), namedBy(file.subarray(0, 60)), 'not gzip'],
  ['absurd size', file, { ...expected, count: 2 ** 40 }, 'too large'],
] as const)('%s is refused with a reason', (_, bytes, claim, reason) => {
  expect(decodeShard(bytes, claim)).toMatchObject({ ok: false, reason });
});

test('SH3: labels come back as they were written, and only where they are expected', () => {
  expect(decodeShard(labelled, expectedLabelled)).toEqual({ ok: true, shard: { ...pictures, labels } });
  expect(decodeShard(labelled, namedBy(labelled)).ok).toBe(false);
  expect(decodeShard(file, { ...expected, classCount: 300 })).toMatchObject({
    ok: false,
    reason: 'wrong size',
  });
});

test('labels stand after the pixels as uint16, little-endian, in a file of format version 2', () => {
  const [plain, unpacked] = [gunzipSync(file), gunzipSync(labelled)];
  const marked = plain.map((byte, i) => (i === 4 ? 2 : byte));
  expect(unpacked).toEqual(Uint8Array.of(...marked, 2, 0, 0, 0, 43, 1));
});

test('SH3: a label of no class is refused with a reason', () => {
  const decoded = decodeShard(labelled, { ...expectedLabelled, classCount: 299 });
  expect(decoded).toMatchObject({ ok: false, reason: 'wrong label' });
  expect(!decoded.ok && decoded.sentence).toContain('holds label 299, where 299 classes have 0 to 298');
});

test('a file of the size of a labelled one that is not marked as such is refused', () => {
  const one = { count: 1, side: 1, channels: 3, pixels: Uint8Array.of(1, 2, 3) } as const;
  const five = { count: 5, side: 1, channels: 1, pixels: Uint8Array.of(1, 2, 3, 0, 0) } as const;
  const bytes = encodeShard(five);
  const claim = { ...one, hash: shardHash(bytes), classCount: 9 };
  expect(decodeShard(bytes, claim)).toMatchObject({ ok: false, reason: 'wrong header' });
});

test('a bomb is refused without growing past the expected size', () => {
  const bomb = gzipSync(new Uint8Array(maxShardBytes * 2), { mtime: 0 });
  expect(decodeShard(bomb, namedBy(bomb))).toMatchObject({ ok: false, reason: 'wrong size' });
});

test.each([
  ['pixels', file, expected],
  ['pixels and labels', labelled, expectedLabelled],
])('hostile bytes under their own true hash never throw and never pass as other %s', (_, whole, claim) => {
  const honest = decodeShard(whole, claim);
  const mutation = fc.record({
    at: fc.nat(whole.length - 1),
    flip: fc.integer({ min: 1, max: 255 }),
    cut: fc.nat(whole.length),
  });
  fc.assert(
    fc.property(mutation, fc.boolean(), ({ at, flip, cut }, truncate) => {
      const bytes = truncate ? whole.slice(0, cut) : whole.map((b, i) => (i === at ? b ^ flip : b));
      const decoded = decodeShard(bytes, { ...claim, hash: shardHash(bytes) });
      if (decoded.ok) expect(decoded).toEqual(honest);
      else expect(decoded.sentence).toContain('Fetch it again');
    }),
    { numRuns: 500 },
  );
});

test('SH3: any labels below the number of classes come back, any other is a fault', () => {
  const classes = fc.integer({ min: 2, max: 65_536 });
  const three = fc.uint16Array({ minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(classes, three, (classCount, some) => {
      const bytes = encodeShard({ ...pictures, labels: some });
      const decoded = decodeShard(bytes, { ...namedBy(bytes), classCount });
      if (some.every((label) => label < classCount)) {
        expect(decoded).toEqual({ ok: true, shard: { ...pictures, labels: some } });
      } else expect(decoded).toMatchObject({ ok: false, reason: 'wrong label' });
    }),
  );
});

test('pixels of another shape are a bug of the caller', () => {
  expect(() => encodeShard({ ...pictures, count: 2 })).toThrow('2 pictures of 8x8x1 are 128 bytes');
});

test('labels of another number are a bug of the caller', () => {
  expect(() => encodeShard({ ...pictures, labels: Uint16Array.of(1) })).toThrow(
    'expected a label for each of 3 pictures, received 1',
  );
});
