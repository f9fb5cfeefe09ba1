import { expect, test } from 'vitest';
import { volunteerMessage } from '../protocol/messages.ts';
import type { Contributor, RoundManifest } from '../protocol/round.ts';
import {
  beginPeerRound,
  reducePeerRound,
  type PeerRound,
  type PeerRoundEffect,
  type PeerRoundEvent,
} from './peerRound.ts';

const HASH = (c: string) => c.repeat(64);
const manifest: RoundManifest = {
  run: 'test',
  round: 3,
  base: HASH('0'),
  members: ['anna', 'bert', 'cleo'].map((peer) => ({ peer, name: peer, workers: 1, leases: [] })),
  parts: [
    { start: 0, end: 4, owner: 'anna' },
    { start: 4, end: 8, owner: 'bert' },
  ],
  codec: 'int8',
  rule: 'mean',
  seed: 1,
  optimizer: 'adamw',
  learningRate: 1,
  batchSize: 1,
  minSteps: 1,
  maxSteps: 1,
  trainMs: 1_000,
  reduceMs: 8_000,
};
const contributor = (peer: string): Contributor => ({
  peer,
  samples: 1,
  steps: 1,
  hashes: [HASH('c'), HASH('d')],
});
const all = ['anna', 'bert', 'cleo'].map(contributor);
const bytes = (n: number) => Uint8Array.of(n);
const trained: PeerRoundEvent = {
  type: 'trained',
  meshed: [],
  result: {
    kind: 'trained',
    samples: 1,
    steps: 1,
    loss: 1,
    norm: 1,
    trainMs: 1,
    parts: [bytes(1), bytes(2)],
    hashes: [HASH('c'), HASH('d')],
  },
};
const from = (peer: string, part = 0, kind: 'contribution' | 'update' = 'contribution'): PeerRoundEvent => ({
  type: 'payload',
  from: peer,
  kind,
  part,
  bytes: bytes(9),
});
const reduce: PeerRoundEvent = { type: 'reduce', contributors: all, owners: ['anna', 'bert'] };
const commit: PeerRoundEvent = { type: 'commit', version: HASH('1'), updates: [HASH('e'), HASH('f')] };

function peer(self: string, base = HASH('0')) {
  const [first, begun] = beginPeerRound(manifest, self, base);
  let round: PeerRound = first;
  return {
    begun,
    round: () => round,
    feed(event: PeerRoundEvent, nowMs = 0): readonly PeerRoundEffect[] {
      const [next, effects] = reducePeerRound(round, event, nowMs);
      round = next;
      return effects;
    },
  };
}
const types = (effects: readonly PeerRoundEffect[]) =>
  effects.map((e) => (e.type === 'tell' ? e.message.type : e.type));

test('VS3: a stale base is fetched before training begins', () => {
  const p = peer('anna', HASH('9'));
  expect(p.begun).toEqual([{ type: 'resync', version: HASH('0') }]);
  expect(types(p.feed({ type: 'resynced', version: HASH('0') }))).toEqual(['train']);
});

test('RD6: no byte is sent before REDUCE, then every part goes to its owner', () => {
  const p = peer('anna');
  expect(types(p.feed(trained))).toEqual(['ready']);
  expect(p.feed(reduce).filter(({ type }) => type !== 'settle')).toEqual([
    { type: 'transmit', to: 'bert', kind: 'contribution', part: 1, bytes: bytes(2) },
  ]);
});

test('RD7: a part that was handed on before REDUCE was heard goes to whoever is in charge now', () => {
  const p = peer('anna');
  p.feed(trained);
  expect(p.feed({ type: 'replay', part: 1, owner: null })).toEqual([]);
  const effects = p.feed(reduce);
  expect(effects).toContainEqual({
    type: 'tell',
    message: { type: 'contribution', round: 3, part: 1, bytes: bytes(2) },
  });
  expect(types(effects)).not.toContain('transmit');
});

test.each(['before', 'after'])(
  'RD7: whoever is put in charge of a part %s REDUCE checks its pieces by the hashes that it is told then',
  (order) => {
    const untold = all.map((one) => ({ ...one, hashes: [HASH('c'), ''] }));
    const messages: PeerRoundEvent[] = [
      { type: 'reduce', contributors: untold, owners: ['anna', 'bert'] },
      { type: 'replay', part: 1, owner: 'anna', hashes: [HASH('7'), HASH('8'), HASH('9')] },
    ];
    const p = peer('anna');
    p.feed(trained);
    for (const message of order === 'before' ? messages.reverse() : messages) p.feed(message);
    p.feed(from('bert', 1));
    const begun = p.feed(from('cleo', 1)).find(({ type }) => type === 'reducePart');
    const hashes = begun?.type === 'reducePart' && begun.contributions.map((c) => c.contributor.hashes);
    expect(hashes).toEqual([
      [HASH('c'), HASH('7')],
      [HASH('c'), HASH('8')],
      [HASH('c'), HASH('9')],
    ]);
  },
);

test('RD6: a contribution that comes before REDUCE is kept; the part is reduced when all are here', () => {
  const p = peer('anna');
  p.feed(from('bert'));
  p.feed(trained);
  expect(types(p.feed(reduce))).not.toContain('reducePart');
  const effects = p.feed(from('cleo'));
  expect(effects).toMatchObject([{ type: 'reducePart', part: 0 }]);
  expect(
    effects[0]?.type === 'reducePart' && effects[0].contributions.map((c) => c.contributor.peer),
  ).toEqual(['anna', 'bert', 'cleo']);
  expect(
    types(
      p.feed({
        type: 'reduced',
        part: 0,
        result: { kind: 'reduced', bytes: bytes(5), contributors: ['anna', 'bert'] },
      }),
    ),
  ).toEqual(['reduced']);
});

test('RD6: somebody who has left is not waited for', () => {
  const p = peer('anna');
  p.feed(trained);
  p.feed(reduce);
  p.feed(from('bert'));
  const effects = p.feed({ type: 'present', peers: new Set(['anna', 'bert']) });
  expect(effects).toMatchObject([
    {
      type: 'reducePart',
      contributions: [{ contributor: { peer: 'anna' } }, { contributor: { peer: 'bert' } }],
    },
  ]);
});

test('RD9: at two fifths of the reduce budget the owner goes on without those who are silent', () => {
  const p = peer('anna');
  p.feed(trained);
  p.feed(reduce, 100);
  expect(p.feed({ type: 'tick' }, 3_299)).toEqual([]);
  expect(p.feed({ type: 'tick' }, 3_300)).toMatchObject([
    { type: 'reducePart', contributions: [{ contributor: { peer: 'anna' } }] },
  ]);
  expect(p.feed(from('bert'), 4_200)).toEqual([]);
});

test('RD4: who is still training when the list is frozen stops, and still reduces its part', () => {
  const p = peer('anna');
  const effects = p.feed({ type: 'reduce', contributors: [contributor('bert')], owners: ['anna', 'bert'] });
  expect(types(effects)).toEqual(['cancelTraining']);
  expect(types(p.feed(from('bert')))).toEqual(['reducePart']);
});

test('RD8: the owner hands its update to all others, and everybody applies when all parts are here', () => {
  const p = peer('anna');
  p.feed(trained);
  p.feed(reduce);
  p.feed(commit);
  const effects = p.feed({ type: 'update', part: 0, bytes: bytes(7) });
  expect(effects.flatMap((e) => (e.type === 'transmit' ? [e.to] : []))).toEqual(['bert', 'cleo']);
  expect(p.feed(from('bert', 1, 'update'))).toEqual([{ type: 'apply', updates: [bytes(7), bytes(9)] }]);
  expect(p.feed({ type: 'applied', version: HASH('1') })).toEqual([
    { type: 'confirm', round: 3, version: HASH('1'), resynced: false },
  ]);
  expect(p.round().phase).toBe('ended');
});

test('RD6: a part without an update is not waited for', () => {
  const p = peer('cleo');
  p.feed(trained);
  p.feed(reduce);
  p.feed({ type: 'commit', version: HASH('1'), updates: [HASH('e'), null] });
  expect(p.feed(from('anna', 0, 'update'))).toEqual([{ type: 'apply', updates: [bytes(9), null] }]);
});

test('VS2: a version with another name than the committed one is replaced by a snapshot', () => {
  const p = peer('cleo');
  p.feed(commit);
  p.feed(from('anna', 0, 'update'));
  p.feed(from('bert', 1, 'update'));
  expect(p.feed({ type: 'applied', version: HASH('8') })).toEqual([{ type: 'resync', version: HASH('1') }]);
  expect(p.feed({ type: 'resynced', version: HASH('1') })).toEqual([
    { type: 'confirm', round: 3, version: HASH('1'), resynced: true },
  ]);
});

test('RD9: an update that does not come is fetched as a snapshot', () => {
  const p = peer('cleo');
  p.feed(trained);
  p.feed(reduce);
  p.feed(commit, 1_000);
  expect(p.feed({ type: 'tick' }, 5_000)).toEqual([{ type: 'resync', version: HASH('1') }]);
});

test('a training that failed is reported, and the volunteer still follows the round', () => {
  const p = peer('cleo');
  const effects = p.feed({
    type: 'trained',
    meshed: [],
    result: { kind: 'failed', sentence: 'out of memory' },
  });
  expect(effects).toEqual([
    { type: 'tell', message: { type: 'failed', round: 3, sentence: 'out of memory' } },
  ]);
  p.feed(reduce);
  p.feed(commit);
  p.feed(from('anna', 0, 'update'));
  expect(types(p.feed(from('bert', 1, 'update')))).toEqual(['apply']);
});

test('an abandoned round ends at once; what comes later changes nothing', () => {
  const p = peer('anna');
  expect(types(p.feed({ type: 'abandoned' }))).toEqual(['cancelTraining']);
  expect(p.feed(trained)).toEqual([]);
  expect(p.feed(reduce)).toEqual([]);
});

test('RD3: a failure of any length is told in words that the message can hold', () => {
  const p = peer('anna');
  const [effect] = p.feed({
    type: 'trained',
    meshed: [],
    result: { kind: 'failed', sentence: 'x'.repeat(5_000) },
  });
  if (effect?.type !== 'tell') throw new Error('expected a message');
  expect(volunteerMessage.safeParse(effect.message).success).toBe(true);
});

test('RD6: what arrives after the deadline is reduced at once: the others may never come', () => {
  const p = peer('anna');
  p.feed({ type: 'trained', meshed: [], result: { kind: 'cancelled' } });
  p.feed(reduce);
  expect(p.feed({ type: 'tick' }, 4_000)).toEqual([]);
  expect(p.feed(from('bert'), 4_001)).toMatchObject([
    { type: 'reducePart', part: 0, contributions: [{ contributor: { peer: 'bert' } }] },
  ]);
});

test('AG1: an update from somebody outside the round is not taken', () => {
  const p = peer('anna');
  p.feed(trained);
  p.feed(reduce);
  p.feed(commit);
  p.feed(from('zora', 0, 'update'));
  expect(p.round().updates.size).toBe(0);
});

const settles = (effects: readonly PeerRoundEffect[]) =>
  effects.flatMap((e) => (e.type === 'settle' ? [e.taken] : []));

test('RD5: work is given away with REDUCE by those whom it names, and by nobody else', () => {
  const [anna, cleo] = [peer('anna'), peer('cleo')];
  const named: PeerRoundEvent = { ...reduce, contributors: [contributor('anna'), contributor('bert')] };
  for (const p of [anna, cleo]) p.feed(trained);
  expect(settles(anna.feed(named))).toEqual([[true, true]]);
  expect(settles(cleo.feed(named))).toEqual([]);
});

test('RD5: work comes back where the version does not hold it: part by part, or all when the round is abandoned', () => {
  const [anna, bert, cleo] = [peer('anna'), peer('bert'), peer('cleo')];
  for (const p of [anna, bert]) {
    p.feed(trained);
    p.feed(reduce);
  }
  expect(settles(anna.feed({ ...commit, updates: [null, HASH('f')] }))).toEqual([[false, true]]);
  expect(settles(bert.feed({ type: 'abandoned' }))).toEqual([[false, false]]);
  cleo.feed(trained);
  expect(settles(cleo.feed({ type: 'abandoned' }))).toEqual([]);
});

test('RD5: READY says that there is more in a contribution than the work of its leases', () => {
  const ready = (carried: boolean) => {
    if (trained.type !== 'trained' || trained.result.kind !== 'trained') throw new Error('expected training');
    const [effect] = peer('anna').feed({ ...trained, result: { ...trained.result, carried } });
    return effect?.type === 'tell' ? volunteerMessage.parse(effect.message) : undefined;
  };
  expect(ready(true)).toMatchObject({ type: 'ready', carried: true });
  expect(ready(false)).not.toHaveProperty('carried');
});
