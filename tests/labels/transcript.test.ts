import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { differences, mentions, withAliases } from './transcript.ts';
import { withoutScores } from './withoutScores.ts';

const sent = (entries: Readonly<Record<string, string | Uint8Array>>) =>
  new Map(Object.entries(entries).map(([name, content]) => [name, Buffer.from(content)]));

test('transcripts that agree have no differences; one byte, one message more or less is one', () => {
  const one = sent({ a: 'alpha', b: Uint8Array.of(1, 2, 3) });
  expect(differences(one, sent({ a: 'alpha', b: Uint8Array.of(1, 2, 3) }))).toEqual([]);
  expect(differences(one, sent({ a: 'alpha', b: Uint8Array.of(1, 2, 4) }))).toEqual([
    'b differs from byte 2 on: "\\u0001\\u0002\\u0003" | "\\u0001\\u0002\\u0004"',
  ]);
  expect(differences(one, sent({ a: 'alpha!', b: Uint8Array.of(1, 2, 3) }))).toHaveLength(1);
  expect(differences(sent({ a: 'alpha!' }), sent({ a: 'alpha' }))).toHaveLength(1);
  expect(differences(one, sent({ a: 'alpha' }))).toEqual(['b was sent in one run only']);
  expect(differences(sent({}), one)).toHaveLength(2);
});

test('a word is found in any letters, amid binary, and in packed content', () => {
  const packed = gzipSync(Buffer.from('a zebra inside'));
  const transcript = sent({
    text: 'a ZEBRA',
    binary: Buffer.from([255, ...Buffer.from('zebra'), 0]),
    packed,
  });
  expect(packed.includes('zebra')).toBe(false);
  expect(mentions(transcript, ['zebra', 'okapi'])).toEqual([
    'text holds the word zebra',
    'binary holds the word zebra',
    'packed holds the word zebra',
  ]);
});

test('aliases take the place of random names, and leave every other byte as it was', () => {
  const every = Uint8Array.from({ length: 256 }, (_, i) => i);
  const transcript = withAliases(sent({ 'GET /x7': 'peer x7', every }), [['x7', 'PEER']]);
  expect(transcript).toEqual(sent({ 'GET /PEER': 'peer PEER', every }));
});

describe('scores are left out of snapshots by name, and nothing else is', () => {
  const shares = { knn: 0.5, probe: 0.25 };
  const score = {
    ...{ round: 1, version: 'v', ...shares, baselines: { untrained: shares, pixels: shares } },
    ...{ testCount: 2, trainCount: 6, features: 'pixels', seconds: 1 },
  };
  const snapshot = (facts: object) => sent({ s: `42/operator,${JSON.stringify(['snapshot', facts])}` });
  const compared = (one: object, other: object) =>
    differences(withoutScores(snapshot(one)), withoutScores(snapshot(other)));

  test.each([
    ['another score', { scores: [score] }, { scores: [{ ...score, knn: 1 }] }, 0],
    ['another alert', { scores: [score], alerts: [] }, { scores: [score], alerts: ['cat'] }, 1],
    ['more in a score than shares', { scores: [score] }, { scores: [{ ...score, labels: [1, 2] }] }, 1],
  ])('%s', (_, one, other, count) => expect(compared(one, other)).toHaveLength(count));

  test('scores that are sent elsewhere', () => {
    const one = sent({ 'anybody, /api/run': '{"scores":[1]}' });
    expect(withoutScores(one)).toEqual(one);
  });
});
