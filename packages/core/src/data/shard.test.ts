import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import { decodeShard, encodeShard, maxShardPixelBytes, shardHash } from './shard.ts';

const pixels = Uint8Array.from({ length: 3 * 8 * 8 }, (_, i) => (i * 37) % 251);
const pictures = { count: 3, side: 8, channels: 1, pixels } as const;
const file = encodeShard(pictures);
const expected = { hash: shardHash(file), count: 3, side: 8, channels: 1 } as const;
const namedBy = (bytes: Uint8Array) => ({ ...expected, hash: shardHash(bytes) });

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

test('a bomb is refused without growing past the expected size', () => {
  const bomb = gzipSync(new Uint8Array(maxShardPixelBytes * 2), { mtime: 0 });
  expect(decodeShard(bomb, namedBy(bomb))).toMatchObject({ ok: false, reason: 'wrong size' });
});

test('hostile bytes under their own true hash never throw and never pass as other pixels', () => {
  const mutation = fc.record({
    at: fc.nat(file.length - 1),
    flip: fc.integer({ min: 1, max: 255 }),
    cut: fc.nat(file.length),
  });
  fc.assert(
    fc.property(mutation, fc.boolean(), ({ at, flip, cut }, truncate) => {
      const bytes = truncate ? file.slice(0, cut) : file.map((b, i) => (i === at ? b ^ flip : b));
      const decoded = decodeShard(bytes, namedBy(bytes));
      if (decoded.ok) expect(decoded.shard.pixels).toEqual(pixels);
      else expect(decoded.sentence).toContain('Fetch it again');
    }),
    { numRuns: 500 },
  );
});

test('pixels of another shape are a bug of the caller', () => {
  expect(() => encodeShard({ ...pictures, count: 2 })).toThrow('2 pictures of 8x8x1 are 128 bytes');
});
