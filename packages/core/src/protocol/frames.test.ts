import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitPayload } from './chunks.ts';
import { FRAME_HEADER_BYTES, FRAME_KINDS, decodeFrame, encodeFrame, runTag } from './frames.ts';
import { MAX_FRAME_BYTES } from './messages.ts';
import type { Frame } from './frames.ts';

const payload = Uint8Array.of(1, 2, 3, 4, 5);
const frame: Frame = {
  kind: 'contribution',
  run: 0xfedcba98,
  round: 0x01020304,
  part: 0x0506,
  sequence: 0,
  count: 1,
  total: 5,
  payload,
};
const faultOf = (bytes: Uint8Array) => {
  const result = decodeFrame(bytes);
  return result.kind === 'refused' ? result.fault : undefined;
};

test('LK3: a frame has this layout, byte for byte', () => {
  const hex = Buffer.from(encodeFrame(frame)).toString('hex');
  expect(hex).toBe(
    [
      '4d524d52',
      '01',
      '02',
      '0605',
      '98badcfe',
      '04030201',
      '0000',
      '0100',
      '05000000',
      'f4990b47',
      '0102030405',
    ].join(''),
  );
});

test('LK3: a frame comes back as it was, from any offset in a buffer', () => {
  const header = fc.record({
    kind: fc.constantFrom(...FRAME_KINDS),
    run: fc.nat(0xffffffff),
    round: fc.nat(0xffffffff),
    part: fc.nat(0xffff),
    payload: fc.uint8Array({ maxLength: 300 }),
    offset: fc.nat(7),
  });
  fc.assert(
    fc.property(header, ({ offset, ...rest }) => {
      const sent: Frame = { ...rest, sequence: 0, count: 1, total: rest.payload.byteLength };
      const encoded = encodeFrame(sent);
      const shifted = new Uint8Array(encoded.byteLength + offset);
      shifted.set(encoded, offset);
      expect(decodeFrame(shifted.subarray(offset))).toEqual({ kind: 'frame', frame: sent });
    }),
  );
});

test('LK3: no frame exceeds 64 KiB, and a larger one is refused', () => {
  const frames = splitPayload('update', 1, 1, 0, new Uint8Array(200_000));
  expect(frames.map((f) => f.byteLength)).toEqual([65536, 65536, 65536, 3476 + FRAME_HEADER_BYTES]);
  expect(faultOf(new Uint8Array(MAX_FRAME_BYTES + 1))).toBe('too-large');
});

test('LK3: every fault has its own name', () => {
  const spoil = (at: number, value: number) => {
    const bytes = encodeFrame(frame);
    bytes[at] = value;
    return faultOf(bytes);
  };
  expect(faultOf(encodeFrame(frame).subarray(0, FRAME_HEADER_BYTES - 1))).toBe('too-short');
  expect(spoil(0, 0)).toBe('magic');
  expect(spoil(4, 2)).toBe('version');
  expect(spoil(5, FRAME_KINDS.length)).toBe('kind');
  expect(spoil(16, 1)).toBe('size');
  expect(spoil(18, 2)).toBe('size');
  expect(spoil(20, 6)).toBe('size');
  expect(spoil(24, 0)).toBe('checksum');
  expect(spoil(FRAME_HEADER_BYTES, 9)).toBe('checksum');
  expect(faultOf(encodeFrame(frame).subarray(0, FRAME_HEADER_BYTES + 4))).toBe('size');
});

test('LK3: hostile bytes are refused and never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => faultOf(bytes) !== undefined));
  const flipped = fc.tuple(fc.nat(FRAME_HEADER_BYTES - 1), fc.integer({ min: 1, max: 255 }));
  fc.assert(
    fc.property(flipped, ([at, bits]) => {
      const bytes = encodeFrame(frame);
      bytes[at] = (bytes[at] as number) ^ bits;
      const result = decodeFrame(bytes);
      if (result.kind === 'frame') expect(result.frame.payload).toEqual(payload);
    }),
  );
});

test('the tag of a run is the CRC-32 of its name', () => {
  expect(runTag('123456789')).toBe(0xcbf43926);
});
