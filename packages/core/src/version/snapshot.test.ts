import { describe, expect, test } from 'vitest';
import { float32Bytes } from '../hash/sha256.ts';
import { versionName } from './name.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';

const schema = [
  { name: 'weight', shape: [2, 2] },
  { name: 'bias', shape: [2] },
];
const params = Float32Array.of(1, 2, 3, 4, -0, 0.1);

describe('version name', () => {
  test('VS1: is the SHA-256 of the float32 little-endian bytes', () => {
    // printf '\x00\x00\x80\x3f' | sha256sum
    expect(versionName(Float32Array.of(1))).toBe(
      'e00e5eb9444182f352323374ef4e08ebcb784725fdd4fd612d7730540b3e0c8c',
    );
  });

  test('VS1: is the same for a view inside a larger vector', () => {
    const larger = Float32Array.of(9, 1, 9);
    expect(versionName(larger.subarray(1, 2))).toBe(versionName(Float32Array.of(1)));
  });
});

describe('snapshot', () => {
  test('VS3: gives back the very bits and the name', () => {
    const file = writeSnapshot(schema, params);
    const read = readSnapshot(schema, file, versionName(params));
    if (read.kind === 'failed') throw new Error(read.sentence);
    expect(Array.from(float32Bytes(read.params))).toEqual(Array.from(float32Bytes(params)));
    expect(read.name).toBe(versionName(params));
  });

  test('VS1: the data section is the canonical bytes of the version', () => {
    const read = readSafetensors(writeSnapshot(schema, params));
    if (read.kind === 'failed') throw new Error(read.sentence);
    expect(Array.from(read.data)).toEqual(Array.from(float32Bytes(params)));
  });

  test('VS3: refuses another version than the one asked for, naming both', () => {
    const read = readSnapshot(schema, writeSnapshot(schema, params), 'f'.repeat(64));
    expect(read).toMatchObject({ kind: 'failed', reason: 'name' });
    expect(read.kind === 'failed' && read.sentence).toContain(versionName(params));
  });

  test.each([
    ['a tensor missing', [['weight', [2, 2]]]],
    ['another shape', [['weight', [4]], ['bias', [2]]]], // prettier-ignore
    ['another name', [['weight', [2, 2]], ['gain', [2]]]], // prettier-ignore
    ['another order', [['bias', [2]], ['weight', [2, 2]]]], // prettier-ignore
  ] as [string, [string, number[]][]][])('LK4: refuses %s', (_, specs) => {
    const file = writeSafetensors(
      specs.map(([name, shape]) => ({
        name,
        shape,
        values: new Float32Array(shape.reduce((a, b) => a * b, 1)),
      })),
    );
    expect(readSnapshot(schema, file)).toMatchObject({ kind: 'failed', reason: 'schema' });
  });

  test('refuses bytes that are no safetensors file', () => {
    expect(readSnapshot(schema, new Uint8Array(100))).toMatchObject({ kind: 'failed', reason: 'format' });
  });
});
