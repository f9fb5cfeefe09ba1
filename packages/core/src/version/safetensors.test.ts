import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSafetensors, writeSafetensors, type NamedTensor } from './safetensors.ts';

const tensors: NamedTensor[] = [
  { name: 'b', shape: [2, 1], values: Float32Array.of(1, -2.5) },
  { name: 'a', shape: [], values: Float32Array.of(0.5) },
];

/** A file with this header text, padded, and `dataBytes` zero bytes of data. */
function fileOf(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header);
  const json = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  json.set(text);
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setUint32(0, json.length, true);
  file.set(json, 8);
  return file;
}

const entry = (shape: number[], begin: number, end: number, dtype = 'F32'): string =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] });

describe('safetensors', () => {
  test('writes the bytes of the format', () => {
    const header =
      '{"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
      '"a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}';
    const file = writeSafetensors(tensors);
    expect(Array.from(file.subarray(0, 8))).toEqual([144, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(file.subarray(8, 152))).toBe(header.padEnd(144));
    expect(Array.from(file.subarray(152))).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 0, 0, 0, 0x3f]);
  });

  test('reads what it writes, at any alignment of the bytes', () => {
    const file = writeSafetensors(tensors, { format: 'pt', note: 'ünï' });
    for (let shift = 0; shift < 8; shift++) {
      const shifted = Buffer.alloc(file.length + shift).subarray(shift);
      shifted.set(file);
      const read = readSafetensors(shifted);
      if (read.kind === 'failed') throw new Error(read.sentence);
      expect(read.tensors).toEqual(tensors);
      expect(read.metadata).toEqual(new Map(Object.entries({ format: 'pt', note: 'ünï' })));
      expect(Array.from(read.data)).toEqual(Array.from(file.subarray(file.length - 12)));
    }
  });

  test('starts the data at a multiple of 8 whatever the names', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.string().filter((name) => name !== '__metadata__'),
          { maxLength: 6 },
        ),
        (names) => {
          const written = names.map((name, i) => ({ name, shape: [i], values: new Float32Array(i).fill(i) }));
          const file = writeSafetensors(written);
          const read = readSafetensors(file);
          if (read.kind === 'failed') throw new Error(read.sentence);
          expect((file.length - read.data.length) % 8).toBe(0);
          const order = new Map(read.tensors.map((tensor) => [tensor.name, tensor.values.length]));
          expect(order).toEqual(new Map(names.map((name, i) => [name, i])));
        },
      ),
    );
  });

  test('refuses to write a wrong count or a repeated name', () => {
    expect(() => writeSafetensors([{ name: 'a', shape: [3], values: new Float32Array(2) }])).toThrow(
      'expected 3 values for a, received 2',
    );
    const one = { name: 'a', shape: [1], values: new Float32Array(1) };
    expect(() => writeSafetensors([one, one])).toThrow('received a twice');
  });

  test.each([
    ['a gap between tensors', `{"a":${entry([1], 0, 4)},"b":${entry([1], 8, 12)}}`, 12, 'layout'],
    ['an overlap', `{"a":${entry([2], 0, 8)},"b":${entry([1], 4, 8)}}`, 8, 'layout'],
    ['bytes after the last tensor', `{"a":${entry([1], 0, 4)}}`, 8, 'layout'],
    ['data that are missing', `{"a":${entry([2], 0, 8)}}`, 4, 'layout'],
    ['offsets other than the shape says', `{"a":${entry([3], 0, 8)}}`, 8, 'layout'],
    ['an overflowing shape', `{"a":${entry([2 ** 31, 2 ** 31, 2 ** 31], 0, 8)}}`, 8, 'layout'],
    ['backward offsets', `{"a":${entry([1], 4, 0)}}`, 4, 'layout'],
    ['another dtype', `{"a":${entry([2], 0, 4, 'F16')}}`, 4, 'tensor'],
    ['a negative length', `{"a":${entry([-1], 0, 4)}}`, 4, 'tensor'],
    ['an entry too many', `{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}`, 4, 'tensor'],
    ['a name twice', `{"a":${entry([1], 0, 4)},"\\u0061":${entry([1], 0, 4)}}`, 4, 'header'],
    ['metadata that are not strings', `{"__metadata__":{"format":1}}`, 0, 'header'],
    ['a leading space', ` {"a":${entry([1], 0, 4)}}`, 4, 'header'],
    ['a byte order mark', `\ufeff{"a":${entry([1], 0, 4)}}`, 4, 'header'],
    ['no object', '[]', 0, 'header'],
    ['no JSON', '{"a":', 0, 'header'],
    ['deep nesting', '{"a":' + '['.repeat(100_000) + ']'.repeat(100_000) + '}', 0, 'tensor'],
  ])('refuses %s', (_, header, dataBytes, reason) => {
    const read = readSafetensors(fileOf(header, dataBytes));
    expect(read.kind === 'failed' ? read.reason : 'read').toBe(reason);
  });

  test('refuses a header length beyond the file or beyond any sense', () => {
    const file = new Uint8Array(writeSafetensors(tensors));
    new DataView(file.buffer).setBigUint64(0, 2n ** 63n, true);
    expect(readSafetensors(file)).toMatchObject({ kind: 'failed', reason: 'header' });
    new DataView(file.buffer).setBigUint64(0, 8000n, true);
    expect(readSafetensors(file)).toMatchObject({ kind: 'failed', reason: 'truncated' });
  });

  test('answers every truncation and every changed byte with tensors or a sentence', () => {
    const file = writeSafetensors(tensors);
    for (let length = 0; length < file.length; length++) {
      expect(readSafetensors(file.subarray(0, length)).kind, `length ${length}`).toBe('failed');
    }
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(255), (at, value) => {
        const changed = file.slice();
        changed[at] = value;
        expect(['read', 'failed']).toContain(readSafetensors(changed).kind);
      }),
    );
    fc.assert(fc.property(fc.uint8Array(), (bytes) => readSafetensors(bytes).kind === 'failed'));
    fc.assert(
      fc.property(fc.json(), fc.nat(16), (json, data) => {
        expect(['read', 'failed']).toContain(readSafetensors(fileOf(json, data)).kind);
      }),
    );
  });
});
