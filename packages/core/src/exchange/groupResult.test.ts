import { expect, test } from 'vitest';
import { key, uniformStream } from '../random/key.ts';
import { packResult, unpackResult, wireOf, wirePart } from './groupResult.ts';

test('GR3: groups and values come back', () => {
  const bytes = Uint8Array.of(9, 8, 7);
  expect(unpackResult(packResult([3, 1_023], bytes))).toEqual({ groups: [3, 1_023], bytes });
  expect(wireOf(wirePart(63, 5))).toEqual({ part: 63, attempt: 5 });
});

test('GR3: what nobody honest writes is nothing, whatever the bytes', () => {
  expect(unpackResult(undefined)).toBeUndefined();
  expect(unpackResult(Uint8Array.of(1))).toBeUndefined();
  expect(unpackResult(packResult([], Uint8Array.of(1)))).toBeUndefined();
  expect(unpackResult(packResult([4, 4], Uint8Array.of(1)))).toBeUndefined();
  expect(unpackResult(Uint8Array.of(255, 255, 0, 0))).toBeUndefined();
  const random = uniformStream(key(5));
  for (let i = 0; i < 2_000; i++) {
    const bytes = Uint8Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    const read = unpackResult(bytes);
    if (read) expect(2 * (1 + read.groups.length) + read.bytes.byteLength).toBe(bytes.byteLength);
  }
});
