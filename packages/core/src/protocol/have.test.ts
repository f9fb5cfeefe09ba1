import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReassembler, splitPayload } from './chunks.ts';
import { FRAME_KINDS, MAX_PAYLOAD_BYTES } from './frames.ts';
import { allOf, bitmapOf, decodeHave, encodeHave, missingFrames } from './have.ts';

const frame = new Uint8Array(1);

test('LK5: the missing frames are those whose bits are not set', () => {
  expect(bitmapOf([frame, undefined, ...new Array<Uint8Array>(7).fill(frame)])).toEqual(
    Uint8Array.of(0b11111101, 1),
  );
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 100 }), (here) => {
      const missing = here.flatMap((is, i) => (is ? [] : [i]));
      const bits = bitmapOf(here.map((is) => (is ? frame : undefined)));
      expect(missingFrames(bits, here.length)).toEqual(missing);
      expect(missingFrames(allOf(here.length), here.length)).toEqual([]);
    }),
  );
});

test('LK5: no bits say that nothing is known, and bits of another number of frames are refused', () => {
  expect(missingFrames(new Uint8Array(), 3)).toEqual([0, 1, 2]);
  expect(missingFrames(Uint8Array.of(0b1000), 3)).toBeUndefined();
  expect(missingFrames(Uint8Array.of(1, 0), 3)).toBeUndefined();
  expect(missingFrames(Uint8Array.of(1), 9)).toBeUndefined();
});

test('LK5: what is said comes back, and speaks of work only', () => {
  const have = { kind: 'update', received: Uint8Array.of(7, 1) } as const;
  expect(decodeHave(encodeHave(have))).toEqual(have);
  const known = FRAME_KINDS.map((_, i) => decodeHave(Uint8Array.of(i))?.kind);
  expect(known).toEqual([
    ...[undefined, undefined, 'contribution', 'update', undefined, undefined, 'partial'],
  ]);
  expect([decodeHave(new Uint8Array()), decodeHave(Uint8Array.of(250))]).toEqual([undefined, undefined]);
});

test('LK5: a receiver knows what it has of a message: nothing, some of it, all of it, and no more once forgotten', () => {
  const reassembler = createReassembler({ maxBytes: 1_000_000, maxOpen: 4 });
  const frames = splitPayload('update', 7, 3, 2, new Uint8Array(3 * MAX_PAYLOAD_BYTES));
  const header = { kind: 'update', run: 7, round: 3, part: 2 } as const;
  const missing = () => missingFrames(reassembler.received(header), frames.length);
  expect(missing()).toEqual([0, 1, 2]);
  reassembler.push(frames[1] ?? frame);
  expect(missing()).toEqual([0, 2]);
  for (const each of frames) reassembler.push(each);
  expect(missing()).toEqual([]);
  expect(reassembler.received({ ...header, round: 4 })).toEqual(new Uint8Array());
  reassembler.forget(3);
  expect(missing()).toEqual([0, 1, 2]);
});

test('LK5: talk is one frame long', () => {
  const reassembler = createReassembler({ maxBytes: 1_000_000, maxOpen: 4 });
  const [first] = splitPayload('have', 7, 3, 2, new Uint8Array(MAX_PAYLOAD_BYTES + 1));
  expect(reassembler.push(first ?? frame)).toMatchObject({ kind: 'refused', fault: 'message-too-large' });
});
