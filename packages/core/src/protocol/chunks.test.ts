import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createReassembler, splitPayload } from './chunks.ts';
import { MAX_PAYLOAD_BYTES, encodeFrame } from './frames.ts';
import { sha256Hex } from '../hash/sha256.ts';
import { permutation, key } from '../random/key.ts';
import type { Reassembled } from './chunks.ts';

const RUN = 7;
const limits = { maxBytes: 1_000_000, maxOpen: 4 };
const bytesOf = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + seed) & 255);
const faultOf = (result: ReturnType<ReturnType<typeof createReassembler>['push']>) =>
  result?.kind === 'refused' ? result.fault : undefined;

/** Comparing hashes is a hundred times quicker than comparing arrays. */
const summary = (result: Reassembled) => {
  if (result.kind === 'refused') return result.detail;
  const { kind, run, round, part, bytes } = result.message;
  return [kind, run, round, part, sha256Hex(bytes)].join(' ');
};

test('LK3: a message arrives whole, once, whatever the order and number of its copies', () => {
  const sizes = fc.oneof(
    fc.nat(5 * MAX_PAYLOAD_BYTES),
    fc.constantFrom(0, 1, MAX_PAYLOAD_BYTES, 2 * MAX_PAYLOAD_BYTES),
  );
  fc.assert(
    fc.property(sizes, fc.nat(), (size, seed) => {
      const bytes = bytesOf(size, seed);
      const frames = splitPayload('update', RUN, 3, 2, bytes);
      const twice = [...frames, ...frames];
      const reassembler = createReassembler(limits);
      const order = [...permutation(key(seed), twice.length)];
      const results = order.flatMap((i) => reassembler.push(twice[i] as Uint8Array) ?? []);
      expect(results.map(summary)).toEqual([`update ${RUN} 3 2 ${sha256Hex(bytes)}`]);
    }),
    { numRuns: 40 },
  );
});

test('LK3: messages may interleave', () => {
  const reassembler = createReassembler(limits);
  const a = splitPayload('contribution', RUN, 1, 0, bytesOf(100_000, 1));
  const b = splitPayload('contribution', RUN, 1, 1, bytesOf(100_000, 2));
  const results = a.flatMap((frame, i) => [reassembler.push(frame), reassembler.push(b[i] as Uint8Array)]);
  const parts = results.flatMap((r) => (r?.kind === 'message' ? [[r.message.part, r.message.bytes[0]]] : []));
  expect(parts).toEqual([
    [0, 1],
    [1, 2],
  ]);
});

test('LK3: a message above the bound is refused at its first frame', () => {
  const [first] = splitPayload('update', RUN, 1, 0, bytesOf(limits.maxBytes + 1));
  expect(faultOf(createReassembler(limits).push(first as Uint8Array))).toBe('message-too-large');
});

test('LK3: the number and the bytes of open messages are bounded', () => {
  const first = (part: number, size = 100_000) =>
    splitPayload('update', RUN, 1, part, bytesOf(size))[0] as Uint8Array;
  const byCount = createReassembler(limits);
  expect([0, 1, 2, 3, 4].map((part) => faultOf(byCount.push(first(part))))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
    'too-many-open',
  ]);
  const byBytes = createReassembler({ ...limits, maxTotalBytes: 250_000 });
  expect([0, 1, 2].map((part) => faultOf(byBytes.push(first(part))))).toEqual([
    undefined,
    undefined,
    'too-many-open',
  ]);
});

test('LK3: what an earlier round left behind makes room for a newer round', () => {
  const reassembler = createReassembler({ ...limits, maxOpen: 1 });
  reassembler.push(splitPayload('update', RUN, 1, 0, bytesOf(100_000))[0] as Uint8Array);
  const frames = splitPayload('update', RUN, 2, 0, bytesOf(100_000));
  expect(frames.map((frame) => reassembler.push(frame)?.kind)).toEqual([undefined, 'message']);
});

test('LK3: frames that disagree on the size of their message are refused', () => {
  const reassembler = createReassembler(limits);
  reassembler.push(splitPayload('update', RUN, 1, 0, bytesOf(100_000))[0] as Uint8Array);
  const other = splitPayload('update', RUN, 1, 0, bytesOf(100_001))[1] as Uint8Array;
  expect(faultOf(reassembler.push(other))).toBe('conflicting-totals');
});

test('LK3: forgetting a round frees its place and takes its work anew', () => {
  const reassembler = createReassembler({ ...limits, maxOpen: 1 });
  const frames = splitPayload('update', RUN, 5, 0, bytesOf(100_000));
  reassembler.push(frames[0] as Uint8Array);
  reassembler.forget(5);
  expect(reassembler.push(frames[1] as Uint8Array)).toBeUndefined();
  expect(reassembler.push(frames[0] as Uint8Array)?.kind).toBe('message');
});

test('LK4: greetings may be repeated, work is taken once', () => {
  const reassembler = createReassembler(limits);
  const twice = (kind: 'hello' | 'update') =>
    [1, 2].map(() => reassembler.push(splitPayload(kind, RUN, 0, 0, bytesOf(10))[0] as Uint8Array)?.kind);
  expect(twice('hello')).toEqual(['message', 'message']);
  expect(twice('update')).toEqual(['message', undefined]);
});

test('LK3: hostile frames never throw and never hold more than the bound', () => {
  const frame = fc.record({
    kind: fc.constantFrom('contribution' as const, 'update' as const),
    round: fc.nat(5),
    part: fc.nat(5),
    sequence: fc.nat(3),
    count: fc.nat(4),
    total: fc.nat(4 * MAX_PAYLOAD_BYTES),
  });
  fc.assert(
    fc.property(fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 64 })), { maxLength: 30 }), (frames) => {
      const reassembler = createReassembler(limits);
      for (const f of frames) {
        const bytes =
          f instanceof Uint8Array
            ? f
            : encodeFrame({ ...f, run: RUN, payload: bytesOf(Math.min(f.total, MAX_PAYLOAD_BYTES)) });
        const result = reassembler.push(bytes);
        if (result?.kind === 'message')
          expect(result.message.bytes.byteLength).toBeLessThanOrEqual(limits.maxBytes);
      }
    }),
    { numRuns: 50 },
  );
});
