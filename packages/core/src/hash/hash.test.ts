import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';
import { bytesToFloat32, float32Bytes, sha256Hex } from './sha256.ts';

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

test('SHA-256 of "abc" is the digest of FIPS 180-4, appendix B.1', () => {
  expect(sha256Hex(ascii('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('CRC-32 of "123456789" is the check value of the catalogue', () => {
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
});

test('float32 bytes come back from any alignment', () => {
  const values = Float32Array.of(1.5, -2, 1e-20);
  const shifted = new Uint8Array(13);
  shifted.set(float32Bytes(values), 1);
  expect(bytesToFloat32(shifted.subarray(1))).toEqual(values);
});
