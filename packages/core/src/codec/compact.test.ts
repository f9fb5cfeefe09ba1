/** Bounds, bytes and refusals of the codecs that are smaller than a byte a value, and of halves. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { averageContributions } from '../aggregate/average.ts';
import { sha256Hex } from '../hash/sha256.ts';
import { fold, key, normal, uniform } from '../random/key.ts';
import { float16 } from './float16.ts';
import { halfFrom, HALVES } from './half.ts';
import { int4 } from './int4.ts';
import { largestOf } from './largest.ts';
import { sparse } from './sparse.ts';
import { topk } from './topk.ts';
import { twoLevels } from './twoLevels.ts';
import type { Codec } from './codec.ts';

const decoded = (codec: Codec, values: Float32Array): Float32Array => {
  const result = codec.decode(codec.encode(values), values.length);
  if (result.kind === 'refused') throw new Error(result.detail);
  return result.values;
};
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const f32 = (...values: number[]): Float32Array => Float32Array.of(...values);
/** Values of very different sizes, some of them zero or equal. */
const uneven = fc
  .array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -20, max: 4 })), { maxLength: 400 })
  .map((list) => Float32Array.from(list, ([digit, exponent]) => digit * 2 ** exponent));
const ramp = Float32Array.from({ length: 10_000 }, (_, i) => Math.fround((i * 7919) % 1009) / 64 - 7);
const squares = (values: Float32Array): number => values.reduce((total, v) => total + v * v, 0);
const magnitude = Math.abs;
const descending = (values: Float32Array): number[] => [...values].map(magnitude).sort((a, b) => b - a);

describe('float16', () => {
  test('is the nearest half, ties to even, for every half and every midpoint between two', () => {
    for (let half = 0; half < 0x7bff; half++) {
      const [one, next] = [HALVES[half] as number, HALVES[half + 1] as number];
      const even = half % 2 === 0 ? one : next;
      const middle = (one + next) / 2;
      const around = f32(one, middle, -middle, middle - (next - one) / 64, middle + (next - one) / 64);
      expect([...decoded(float16, around)]).toEqual([one, even, -even, one, next]);
    }
  });

  test('becomes the largest half, never infinite, where a value is beyond it', () => {
    expect([...decoded(float16, f32(65504, 65519, 65520, 1e6, -3e38))]).toEqual([
      65504, 65504, 65504, 65504, -65504,
    ]);
  });

  test('errs by at most 2⁻¹¹ of a value, or 2⁻²⁵', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, min: -65504, max: 65504 }), (value) => {
        const error = magnitude((decoded(float16, f32(value))[0] as number) - value);
        expect(error).toBeLessThanOrEqual(Math.max(magnitude(value) * 2 ** -11, 2 ** -25));
      }),
    );
  });

  test('AG1: halves that are infinite or no number are refused, all others read and written again alike', () => {
    const all = new Uint8Array(Uint16Array.from({ length: 0x10000 }, (_, i) => i).buffer);
    for (let half = 0; half < 0x10000; half++) {
      const bytes = all.subarray(2 * half, 2 * half + 2);
      const read = float16.decode(bytes, 1);
      if ((half & 0x7c00) === 0x7c00) expect(read).toMatchObject({ reason: 'non-finite' });
      else if (read.kind === 'decoded') expect(float16.encode(read.values)).toEqual(bytes);
    }
  });

  test('the same bytes on every machine', () => {
    expect(hex(float16.encode(f32(1, -2, 65504, 2 ** -24, 0.1)))).toBe('003c00c0ff7b0100662e');
    expect(sha256Hex(float16.encode(ramp))).toMatchInlineSnapshot(
      `"caa921af8117edd94d4e3c963e7642b6828f99243d308548f74417c0d77aec53"`,
    );
  });
});

describe('int4', () => {
  test('errs by at most half a scale of its block, which is at most absmax / 7 and a half more', () => {
    fc.assert(
      fc.property(uneven, (values) => {
        const back = decoded(int4, values);
        values.forEach((value, i) => {
          const block = values.subarray(i - (i % 64), i - (i % 64) + 64);
          const scale = HALVES[halfFrom(Math.max(...block.map(magnitude)) / 7)] as number;
          expect(magnitude((back[i] as number) - value)).toBeLessThanOrEqual(scale / 2 + 1e-12);
        });
      }),
    );
  });

  test('takes 0.53125 bytes a value', () => {
    expect(int4.encodedBytes(64 * 1000)).toBe(0.53125 * 64 * 1000);
    expect([0, 1, 2, 65].map((length) => int4.encodedBytes(length))).toEqual([0, 3, 3, 2 * 2 + 33]);
  });

  test('saturates beyond 7 halves, and keeps the sign', () => {
    expect([...decoded(int4, f32(1e30, -1e30, 65504))]).toEqual([458528, -458528, 65504]);
  });

  test('the same bytes on every machine: halves as scales, then two codes a byte', () => {
    expect(hex(int4.encode(f32(7, -7, 3.5, 2.5, -1)))).toBe('003c97240f');
    expect(sha256Hex(int4.encode(ramp))).toMatchInlineSnapshot(
      `"89e2a04455d019eed22507afeaff44a11f0ea6439b3b591eec2ab0d9dd05e77e"`,
    );
  });

  test('AG1: refuses scales, codes and padding that are never written', () => {
    const bytesOf = (scale: number, ...codes: number[]) => Uint8Array.of(scale & 255, scale >> 8, ...codes);
    expect(int4.decode(bytesOf(0x3c00, 0x97, 0x0f), 3)).toMatchObject({ kind: 'decoded' });
    for (const scale of [0x7c00, 0x7e00, 0x8000, 0xbc00])
      expect(int4.decode(bytesOf(scale, 0x07, 0), 3)).toMatchObject({ reason: 'non-finite' });
    for (const codes of [
      [0x08, 0],
      [0x80, 0],
      [0, 0x08],
      [0, 0x10],
    ] as const)
      expect(int4.decode(bytesOf(0x3c00, ...codes), 3)).toMatchObject({ reason: 'malformed' });
    expect(int4.decode(bytesOf(0, 0x01, 0), 3)).toMatchObject({ reason: 'malformed' });
  });
});

describe('topk', () => {
  /** By the definition: the largest, of equals the first. */
  const slowLargest = (values: Float32Array, count: number): number[] =>
    [...values.keys()]
      .sort((a, b) => magnitude(values[b] as number) - magnitude(values[a] as number) || a - b)
      .slice(0, count)
      .sort((a, b) => a - b);

  test('keeps the largest values, of equals the first', () => {
    const largest = largestOf(400);
    fc.assert(
      fc.property(uneven, fc.nat(400), (values, many) => {
        const count = Math.min(many, values.length);
        const bits = new Uint32Array(values.buffer);
        expect([...largest(bits, count)]).toEqual(slowLargest(values, count));
      }),
    );
  });

  test('its two levels have the least squared error of all cuts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: Math.fround(1e-3), max: 100, noNaN: true }), {
          minLength: 1,
          maxLength: 64,
        }),
        (list) => {
          const sizes = Float32Array.from(list);
          const { low, high, from } = twoLevels(sizes.slice());
          const error = (of: (size: number) => number) => sizes.reduce((t, s) => t + (s - of(s)) ** 2, 0);
          const mean = (part: number[]) => part.reduce((a, b) => a + b, 0) / part.length;
          const own = error((size) => (size >= from ? high : low));
          for (const edge of sizes) {
            const [below, above] = [[...sizes].filter((s) => s < edge), [...sizes].filter((s) => s >= edge)];
            const cut = error((size) => (size < edge ? mean(below) : mean(above)));
            expect(own).toBeLessThanOrEqual(cut * (1 + 1e-6) + 1e-6);
          }
        },
      ),
    );
  });

  test('what it leaves out is what it did not keep: lengths add up, and the error of every value is bounded', () => {
    fc.assert(
      fc.property(uneven, fc.constantFrom(1, 100), (some, stretch) => {
        const values = Float32Array.from(
          { length: some.length * stretch },
          (_, i) => some[i % some.length] as number,
        );
        const back = decoded(topk, values);
        const error = values.map((v, i) => v - (back[i] as number));
        const total = squares(values);
        expect(magnitude(squares(error) - (total - squares(back)))).toBeLessThanOrEqual(1e-5 * total);
        for (let start = 0; start < values.length; start += 4096) {
          const block = values.subarray(start, start + 4096);
          const sizes = descending(block);
          const kept = Math.ceil(block.length / 64);
          const least = sizes[kept - 1] as number;
          const most = Math.max(least, (sizes[0] as number) - least) * (1 + 1e-6);
          expect(error.subarray(start, start + 4096).every((e) => magnitude(e) <= most)).toBe(true);
        }
      }),
    );
  });

  test('takes 120 bytes of every 4096 values, of a shorter last block in proportion', () => {
    expect([0, 4096, 8192].map((length) => topk.encodedBytes(length))).toEqual([0, 120, 240]);
    expect([1, 64, 65, 4095].map((length) => topk.encodedBytes(length))).toEqual([11, 11, 12, 120]);
  });

  test('keeps zeros zero where a block has fewer other values than it may keep', () => {
    const values = new Float32Array(4096);
    values.set([5, -3, -0, 4], 100);
    expect(decoded(topk, values)).toEqual(values.map((v) => Math.sign(v) * 4 + 0));
  });

  test('the same bytes on every machine: levels, indices, codes', () => {
    const values = new Float32Array(200);
    values.set([1, -8, 0.5, 9, 10]);
    expect(hex(topk.encode(values))).toBe(['0000803f', '00001041', '001000', '034000', '5c'].join(''));
    expect(sha256Hex(topk.encode(ramp))).toMatchInlineSnapshot(
      `"6ffa89cbf317dc82c9c634fb23467730b9038b93b0756bb89f02aac120deeef7"`,
    );
  });

  const bytesWith = (levels: [number, number], rest: number[]): Uint8Array => {
    const bytes = new Uint8Array(8 + rest.length);
    new Float32Array(bytes.buffer, 0, 2).set(levels);
    bytes.set(rest, 8);
    return bytes;
  };

  test('AG1: refuses indices that are unsorted, twice or out of range', () => {
    const pair = (a: number, b: number) => [a & 255, (a >> 8) | ((b & 15) << 4), b >> 4];
    const read = (a: number, b: number, length = 128) =>
      topk.decode(bytesWith([1, 2], [...pair(a, b), 0b0100]), length);
    expect(read(3, 127)).toMatchObject({ kind: 'decoded' });
    for (const [a, b] of [
      [4, 3],
      [3, 3],
      [3, 128],
      [4095, 0],
    ] as const)
      expect(read(a, b)).toMatchObject({ reason: 'malformed' });
  });

  test('AG1: refuses levels, codes and padding that are never written', () => {
    const read = (levels: [number, number], index: number[], code: number) =>
      topk.decode(bytesWith(levels, [...index, code]), 64);
    expect(read([1, 2], [5, 0], 0b11)).toMatchObject({ kind: 'decoded' });
    for (const levels of [
      [2, 1],
      [-1, 1],
      [-0, 1],
      [0, Infinity],
      [NaN, 1],
    ] as [number, number][])
      expect(read(levels, [5, 0], 0)).toMatchObject({ reason: 'malformed' });
    expect(read([1, 1], [5, 0], 0b01)).toMatchObject({ reason: 'malformed' });
    expect(read([0, 1], [5, 0], 0b10)).toMatchObject({ reason: 'malformed' });
    expect(read([1, 2], [5, 0x10], 0)).toMatchObject({ reason: 'malformed' });
    expect(read([1, 2], [5, 0], 0b100)).toMatchObject({ reason: 'malformed' });
  });
});

describe('sparse', () => {
  test('errs by at most half a scale where a value is kept, by the least kept one where it is not', () => {
    fc.assert(
      fc.property(uneven, (values) => {
        const back = decoded(sparse, values);
        const sizes = descending(values);
        const room = Math.min(values.length, 8 * Math.ceil(values.length / 64));
        const scale = (sizes[0] ?? 0) / 127;
        const dropped = sizes[room] ?? 0;
        values.forEach((value, i) => {
          const error = magnitude((back[i] as number) - value);
          expect(error).toBeLessThanOrEqual(Math.max(dropped, scale * (0.5 + 1e-4)));
        });
      }),
    );
  });

  test.each([4096, 5000, 9, 1])(
    'RD8 CD2: the mean of eight topk contributions of %i values loses none of them',
    (length) => {
      const contributions = Array.from({ length: 8 }, (_, i) => ({
        values: decoded(topk, normal(fold(key(4), i), length)),
        samples: 64,
        steps: 2,
      }));
      const mean = averageContributions(contributions);
      const back = decoded(sparse, mean);
      for (let start = 0; start < length; start += 4096) {
        const block = mean.subarray(start, start + 4096);
        const scale = Math.max(...block.map(magnitude)) / 127;
        block.forEach((v, i) =>
          expect(magnitude(v - (back[start + i] as number))).toBeLessThanOrEqual(scale * 0.5001),
        );
      }
    },
  );

  test('takes 1028 bytes of every 4096 values', () => {
    expect([0, 4096, 8192].map((length) => sparse.encodedBytes(length))).toEqual([0, 1028, 2056]);
    expect([1, 9, 64].map((length) => sparse.encodedBytes(length))).toEqual([6, 14, 20]);
  });

  test('the same bytes on every machine: scale, bitmap, codes', () => {
    expect(hex(sparse.encode(f32(0, 127, 0, 0, 0, 0, 0, 0, 0, -2.5)))).toBe(
      ['0000803f', '0202', '7ffe000000000000'].join(''),
    );
    expect(sha256Hex(sparse.encode(ramp))).toMatchInlineSnapshot(
      `"0559fe726f4f6008774347dbf5b3ac188b7cec39d74e67869d7a1cd52d73795d"`,
    );
  });

  test('AG1: refuses scales, codes, too many values and padding that are never written', () => {
    const read = (scale: number, ...rest: number[]) => {
      const bytes = new Uint8Array(4 + rest.length);
      new DataView(bytes.buffer).setFloat32(0, scale, true);
      bytes.set(rest, 4);
      return sparse.decode(bytes, 100);
    };
    /** Bitmap of 13 bytes, room for 16 codes. */
    const body = (bits: Record<number, number>, codes: number[]) => [
      ...Array.from({ length: 13 }, (_, i) => bits[i] ?? 0),
      ...Array.from({ length: 16 }, (_, i) => codes[i] ?? 0),
    ];
    expect(read(1, ...body({ 0: 1, 12: 8 }, [127, -1]))).toMatchObject({ kind: 'decoded' });
    for (const scale of [-1, -0, NaN, Infinity, 3e38, 0])
      expect(read(scale, ...body({ 0: 1 }, [1]))).toMatchObject({ reason: 'malformed' });
    const bad = [
      body({ 0: 1 }, [0]),
      body({ 0: 1 }, [128]),
      body({ 0: 1 }, [1, 1]),
      body({ 12: 16 }, [1]),
      body({ 0: 255, 1: 255, 2: 1 }, Array<number>(16).fill(1)),
      body({}, []),
    ];
    for (const rest of bad) expect(read(1, ...rest)).toMatchObject({ reason: 'malformed' });
  });
});

test.each([float16, topk, sparse])('$id writes again what it has read: encoding is canonical', (codec) => {
  fc.assert(
    fc.property(uneven, fc.integer({ min: 0, max: 1e6 }), (values, seed) => {
      // Signs and sizes at random besides, so that blocks are neither regular nor short of values.
      const noise = uniform(key(seed), values.length);
      const bytes = codec.encode(values.map((v, i) => v + (noise[i] as number)));
      const read = codec.decode(bytes, values.length);
      if (read.kind === 'refused') throw new Error(read.detail);
      expect(codec.encode(read.values)).toEqual(bytes);
    }),
  );
});
