import { expect, test } from 'vitest';
import { withPlainBytes } from './plainBytes.ts';

test('binary at any depth becomes a plain Uint8Array, everything else stays', () => {
  const pooled = Buffer.from('abc').subarray(1);
  const value = {
    a: [Uint8Array.of(1).buffer, { b: pooled }],
    c: 'text',
    d: null,
    e: 3,
    f: new Uint16Array([258]),
  };
  const plain = withPlainBytes(value) as { a: [Uint8Array, { b: Uint8Array }]; f: Uint8Array };
  expect(plain).toEqual({
    a: [Uint8Array.of(1), { b: Uint8Array.of(98, 99) }],
    c: 'text',
    d: null,
    e: 3,
    f: Uint8Array.of(2, 1),
  });
  expect([plain.a[0], plain.a[1].b, plain.f].map((b) => b.constructor)).toEqual([
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]);
});
