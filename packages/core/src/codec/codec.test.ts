import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import { key, normal } from '../random/key.ts';
import { int8Blocks } from './int8.ts';
import { CODEC_NAMES, CODECS, codecOf, updateCodecOf } from './registry.ts';
import { sparse } from './sparse.ts';
import type { Codec } from './codec.ts';

const decoded = (codec: Codec, values: Float32Array): Float32Array => {
  const result = codec.decode(codec.encode(values), values.length);
  if (result.kind === 'refused') throw new Error(result.detail);
  return result.values;
};
const finite = fc
  .array(fc.float({ noNaN: true, min: Math.fround(-1e37), max: Math.fround(1e37) }), { maxLength: 300 })
  .map((list) => Float32Array.from(list));

test('RD1: a manifest may name the codecs of contributions, each by its id, and no other', () => {
  expect(CODECS.map(({ id }) => id)).toEqual(CODEC_NAMES);
  for (const codec of CODECS) expect(codecOf(codec.id)).toBe(codec);
  for (const id of ['no-such-codec', 'sparse', 'toString']) expect(codecOf(id)).toBeUndefined();
});

test('RD8: updates and reduced parts have the codec of contributions, of topk its companion', () => {
  expect(CODECS.map((codec) => updateCodecOf(codec).id)).toEqual([
    'int8',
    'float32',
    'float16',
    'int4',
    'sparse',
  ]);
});

describe.each([...CODECS, sparse])('the contract of every codec: $id', (codec) => {
  test('writes the bytes it announced, the same every time, and leaves its input alone', () => {
    fc.assert(
      fc.property(finite, (values) => {
        const before = values.slice();
        const bytes = codec.encode(values);
        expect(bytes.byteLength).toBe(codec.encodedBytes(values.length));
        expect(codec.encode(values)).toEqual(bytes);
        expect(values).toEqual(before);
      }),
    );
  });

  test('keeps the length and the sign of every value, and zeros exactly', () => {
    fc.assert(
      fc.property(finite, (values) => {
        const back = decoded(codec, values);
        expect(back.length).toBe(values.length);
        expect(back.every((v, i) => v * (values[i] as number) >= 0 || Math.abs(v) < 1e-37)).toBe(true);
      }),
    );
    expect(decoded(codec, new Float32Array(9000))).toEqual(new Float32Array(9000));
  });

  test('reads bytes at any offset of a buffer', () => {
    const values = normal(key(5), 100);
    const bytes = codec.encode(values);
    const shifted = new Uint8Array(bytes.byteLength + 3);
    shifted.set(bytes, 3);
    expect(codec.decode(shifted.subarray(3), 100)).toEqual(codec.decode(bytes, 100));
    // A Buffer of Node's lies anywhere in a pool, and its `slice` does not copy.
    expect(codec.decode(Buffer.from(bytes), 100)).toEqual(codec.decode(bytes, 100));
  });

  test('AG1: refuses a wrong size, and throws on values that are not finite', () => {
    const bytes = codec.encode(normal(key(1), 10));
    expect(codec.decode(bytes, 10 + 4096)).toMatchObject({ kind: 'refused', reason: 'wrong-size' });
    expect(codec.decode(bytes.subarray(1), 10)).toMatchObject({ kind: 'refused', reason: 'wrong-size' });
    for (const bad of [NaN, Infinity, -Infinity])
      expect(() => codec.encode(Float32Array.of(1, bad))).toThrow(/finite/);
  });

  test('AG1: any bytes give finite values or a refusal', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.uint8Array({ maxLength: 200 }), fc.boolean(), (length, noise, fit) => {
        const bytes = fit
          ? Uint8Array.from({ length: codec.encodedBytes(length) }, (_, i) => noise[i] ?? i)
          : noise;
        const result = codec.decode(bytes, length);
        if (result.kind === 'decoded') expect(result.values.every(Number.isFinite)).toBe(true);
        if (result.kind === 'decoded') expect(result.values.length).toBe(length);
      }),
    );
  });

  test('AG1: bytes that were cut, grown or changed, and hostile lengths, are refused or read, never thrown at', () => {
    const values = normal(key(7), 4096 + 700);
    const good = codec.encode(values);
    const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.nat(good.length), (changes, cut) => {
        const bytes = good.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        const whole = codec.decode(bytes, values.length);
        if (whole.kind === 'decoded') expect(whole.values.every(Number.isFinite)).toBe(true);
        else expect(['malformed', 'non-finite']).toContain(whole.reason);
        if (cut < good.length)
          expect(codec.decode(bytes.subarray(0, cut), values.length)).toMatchObject({ reason: 'wrong-size' });
      }),
    );
    for (const length of [-1, 0.5, 2 ** 31, 2 ** 53, 1e300, Infinity, NaN])
      expect(codec.decode(good, length)).toMatchObject({ kind: 'refused', reason: 'wrong-size' });
  });
});

test('float32 loses nothing', () => {
  const values = normal(key(3), 1000);
  expect(decoded(codecOf('float32') as Codec, values)).toEqual(values);
});

test('int8 errs by at most half a scale of its block', () => {
  const codec = int8Blocks('int8 of 16', 16);
  fc.assert(
    fc.property(finite, (values) => {
      const back = decoded(codec, values);
      values.forEach((value, i) => {
        const block = values.subarray(i - (i % 16), i - (i % 16) + 16);
        const scale = Math.max(...block.map(Math.abs)) / 127;
        expect(Math.abs((back[i] as number) - value)).toBeLessThanOrEqual(scale * (0.5 + 1e-4) + 2e-43);
      });
    }),
  );
});

test('int8 rounds halves to even', () => {
  const values = Float32Array.of(127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5);
  expect([...decoded(int8Blocks('int8', 64), values)]).toEqual([127, 0, 2, 2, 0, -2, -2]);
});

test('int8 writes scales first, then codes, the same bytes on every machine', () => {
  const bytes = int8Blocks('int8 of 2', 2).encode(Float32Array.of(127, -1, 254, 2, 0));
  expect(Buffer.from(bytes).toString('hex')).toBe(
    ['0000803f', '00000040', '00000000', '7fff7f0100'].join(''),
  );
  const values = Float32Array.from({ length: 10_000 }, (_, i) => Math.fround((i * 7919) % 1009) / 64 - 7);
  expect(sha256Hex((codecOf('int8') as Codec).encode(values))).toMatchInlineSnapshot(
    `"161650aeee31c07475c3595e0411cc0664838098569375bf6455d20185ebb869"`,
  );
});

test('AG1: int8 refuses scales that are negative or make infinite values', () => {
  const codec = int8Blocks('int8', 64);
  for (const scale of [NaN, Infinity, -1, 3e38]) {
    const bytes = new Uint8Array(codec.encodedBytes(1));
    new DataView(bytes.buffer).setFloat32(0, scale, true);
    expect(codec.decode(bytes, 1)).toMatchObject({ kind: 'refused', reason: 'non-finite' });
  }
});
