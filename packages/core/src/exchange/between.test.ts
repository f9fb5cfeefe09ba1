/** A member of the second of three groups, between them. */
import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import type { CombinePlan, RoundManifest } from '../protocol/round.ts';
import { packResult, unpackResult, wirePart } from './groupResult.ts';
import {
  beginPeerRound,
  peerWakeMs,
  reducePeerRound,
  type PeerRound,
  type PeerRoundEffect,
  type PeerRoundEvent,
} from './peerRound.ts';

const HASH = (c: string) => c.repeat(64);
const bytes = (n: number) => Uint8Array.of(n);
const manifest: RoundManifest = {
  ...{ run: 'test', round: 3, base: HASH('0'), codec: 'int8', rule: 'mean', seed: 1 },
  ...{ optimizer: 'adamw', learningRate: 1, batchSize: 1, minSteps: 1, maxSteps: 1 },
  ...{ trainMs: 1_000, reduceMs: 8_000 },
  members: ['anna', 'bert'].map((peer) => ({ peer, name: peer, workers: 1, leases: [] })),
  parts: [
    { start: 0, end: 4, owner: 'anna' },
    { start: 4, end: 8, owner: 'bert' },
  ],
  group: { index: 1, count: 3, neighbours: ['root'] },
};
const trained: PeerRoundEvent = {
  type: 'trained',
  meshed: [],
  result: {
    ...{ kind: 'trained', samples: 1, steps: 1, loss: 1, norm: 1, trainMs: 1 },
    ...{ parts: [bytes(1), bytes(2)], hashes: [HASH('c'), HASH('d')] },
  },
};
const anna = { peer: 'anna', samples: 1, steps: 1, hashes: [HASH('c'), HASH('d')] };
const mine = bytes(5);

/** Has trained and heard REDUCE; its group has reduced part 0 unless said otherwise. */
function member({ hasReduced = true } = {}) {
  let [round]: readonly [PeerRound, readonly PeerRoundEffect[]] = beginPeerRound(manifest, 'anna', HASH('0'));
  const feed = (event: PeerRoundEvent, nowMs = 0): readonly PeerRoundEffect[] => {
    const [next, effects] = reducePeerRound(round, event, nowMs);
    round = next;
    return effects;
  };
  feed(trained);
  feed({ type: 'reduce', contributors: [anna], owners: ['anna', 'bert'] });
  const reduce = () =>
    feed({ type: 'reduced', part: 0, result: { kind: 'reduced', bytes: mine, contributors: ['anna'] } });
  const told = hasReduced ? reduce() : [];
  return { feed, reduce, told, round: () => round };
}

const plan = (over: Partial<CombinePlan> = {}): CombinePlan => ({
  ...{ part: 0, attempt: 0, own: { group: 1, weight: 10 }, parent: 'root', children: [], waitMs: 500 },
  ...over,
});
const child = (peer: string, ...groups: number[]) => ({
  peer,
  groups: groups.map((group) => ({ group, weight: 10 })),
});
const result = (from: string, packed: Uint8Array, attempt = 0): PeerRoundEvent => ({
  ...{ type: 'payload', from, kind: 'partial', part: wirePart(0, attempt), bytes: packed },
});
const kinds = (effects: readonly PeerRoundEffect[]) => effects.map((e) => e.type);

test('GR2: what the group has made of a part is told by its hash; the bytes stay here', () => {
  const { told } = member();
  const message = {
    ...{ type: 'partial', round: 3, part: 0, contributors: ['anna'], hash: sha256Hex(mine) },
  };
  expect(told).toEqual([{ type: 'tell', message }]);
});

test('GR3: a leaf gives its result to its parent at once, with the groups that are in it', () => {
  const m = member();
  const [effect] = m.feed({ type: 'combine', plans: [plan()] });
  expect(effect).toMatchObject({ type: 'transmit', to: 'root', kind: 'partial', part: 0 });
  expect(effect?.type === 'transmit' && unpackResult(effect.bytes)).toEqual({ groups: [1], bytes: mine });
});

test('GR3: a plan that comes before the own group is done is followed when it is', () => {
  const m = member({ hasReduced: false });
  expect(m.feed({ type: 'combine', plans: [plan()] })).toEqual([]);
  expect(kinds(m.reduce())).toEqual(['tell', 'transmit']);
});

test('GR3: whoever has children waits for them, combines by weight, and passes it up once', () => {
  const m = member();
  m.feed(result('eve', packResult([2], bytes(8))));
  const children = [child('eve', 2), child('finn', 0)];
  expect(m.feed({ type: 'combine', plans: [plan({ children, parent: null })] })).toMatchObject([
    // Nobody foresaw them: links to them are opened now.
    { type: 'meshWith', peers: ['bert', 'root', 'eve', 'finn'] },
  ]);
  const [effect] = m.feed(result('finn', packResult([0], bytes(9))));
  expect(effect).toMatchObject({ type: 'combinePart', part: 0, attempt: 0, groups: [1, 2, 0] });
  expect(
    effect?.type === 'combinePart' && effect.results.map((r) => [r.contributor.samples, ...r.bytes]),
  ).toEqual([
    [10, 5],
    [10, 8],
    [10, 9],
  ]);
  const peers = ['anna', 'eve', 'finn'];
  const combined: PeerRoundEvent = {
    ...{ type: 'combined', part: 0, attempt: 0, groups: [1, 2, 0] },
    result: { kind: 'reduced', bytes: bytes(7), contributors: peers },
  };
  expect(m.feed(combined)).toEqual([
    {
      type: 'tell',
      message: {
        ...{ type: 'reduced', round: 3, part: 0, contributors: [], groups: [1, 2, 0], attempt: 0 },
        bytes: bytes(7),
      },
    },
  ]);
});

test('GR3: children are waited for no longer than the plan says', () => {
  const m = member();
  m.feed({ type: 'combine', plans: [plan({ children: [child('eve', 2)] })] }, 100);
  expect(peerWakeMs(m.round())).toBe(600);
  expect(m.feed({ type: 'tick' }, 599)).toEqual([]);
  expect(kinds(m.feed({ type: 'tick' }, 600))).toEqual(['transmit']);
  // What comes later is in a later plan, or in none.
  expect(m.feed(result('eve', packResult([2], bytes(8))), 601)).toEqual([]);
});

test('GR3: a child that speaks for groups which are not below it, or in no language, is left out', () => {
  for (const packed of [packResult([0], bytes(8)), bytes(1)]) {
    const m = member();
    m.feed({ type: 'combine', plans: [plan({ children: [child('eve', 2)] })] });
    const [effect] = m.feed(result('eve', packed));
    expect(effect?.type === 'transmit' && unpackResult(effect.bytes)?.groups).toEqual([1]);
  }
});

test('GR3: where something below cannot be decoded, what the own group has made goes on alone', () => {
  const m = member();
  m.feed({ type: 'combine', plans: [plan({ children: [child('eve', 2)] })] });
  m.feed(result('eve', packResult([2], bytes(8))));
  const [effect] = m.feed({
    ...{ type: 'combined', part: 0, attempt: 0, groups: [1, 2] },
    result: { kind: 'reduced', bytes: bytes(7), contributors: ['anna'] },
  });
  expect(effect?.type === 'transmit' && unpackResult(effect.bytes)).toEqual({ groups: [1], bytes: mine });
});

test('GR3: of plans the last counts, in whatever order they come', () => {
  const m = member();
  const [late] = m.feed({ type: 'combine', plans: [plan({ attempt: 2, parent: 'gina' })] });
  expect(late).toMatchObject({ type: 'meshWith' });
  expect(m.feed({ type: 'combine', plans: [plan({ attempt: 1 })] })).toEqual([]);
});

test('GR3: what strangers leave here is bounded', () => {
  const m = member();
  for (let i = 0; i < 500; i++) m.feed(result(`peer${i}`, packResult([2], bytes(8))));
  expect(m.round().between.results.size).toBeLessThanOrEqual(64);
});

test('GR3: whoever is in the plan is heard, whatever strangers have left here', () => {
  const m = member();
  for (let i = 0; i < 500; i++) m.feed(result(`peer${i}`, packResult([2], bytes(8))));
  m.feed({ type: 'combine', plans: [plan({ children: [child('eve', 2)] })] });
  expect(m.feed(result('finn', packResult([2], bytes(9))))).toEqual([]);
  expect(kinds(m.feed(result('eve', packResult([2], bytes(8)))))).toEqual(['combinePart']);
});

test('GR3 GR4: one stranger cannot take the room of all others', () => {
  const m = member();
  for (let attempt = 0; attempt < 100; attempt++)
    m.feed(result('mallory', packResult([2], bytes(8)), attempt));
  for (let i = 0; i < 100; i++) m.feed(update('mallory', bytes(i)));
  expect(m.round().between.results.size).toBe(manifest.parts.length);
  expect(m.round().between.early.length).toBe(manifest.parts.length);
  m.feed(update('root', bytes(6)));
  const effects = m.feed(commit({ handOn: [{ part: 0, to: ['gina'] }] }));
  expect(effects.flatMap((e) => (e.type === 'transmit' ? [e.to] : []))).toEqual(['gina', 'bert']);
});

const update = (from: string, value: Uint8Array): PeerRoundEvent => ({
  ...{ type: 'payload', from, kind: 'update', part: 0, bytes: value },
});
const commit = (over: object = {}): PeerRoundEvent => ({
  ...{ type: 'commit', version: HASH('1'), updates: [sha256Hex(bytes(6)), HASH('f')], without: [] },
  ...over,
});

test('GR4: an update from another group is handed on, outside first, if it is what COMMIT names', () => {
  const m = member();
  m.feed(commit({ handOn: [{ part: 0, to: ['gina'] }] }));
  expect(m.feed(update('root', bytes(66)))).toEqual([]);
  const effects = m.feed(update('root', bytes(6)));
  expect(effects.map((e) => e.type === 'transmit' && e.to)).toEqual(['gina', 'bert']);
  expect(m.feed(update('root', bytes(6)))).toEqual([]);
});

test('GR4: one that comes before COMMIT is kept until it is known what it should be', () => {
  const m = member();
  expect(m.feed(update('root', bytes(6)))).toEqual([]);
  const effects = m.feed(commit({ handOn: [{ part: 0, to: ['gina'] }] }));
  expect(effects.flatMap((e) => (e.type === 'transmit' ? [e.to] : []))).toEqual(['gina', 'bert']);
});

test('GR4: nobody else takes updates from outside of its group', () => {
  const m = member();
  m.feed(commit());
  expect(m.feed(update('root', bytes(6)))).toEqual([]);
  expect(m.round().updates.size).toBe(0);
});

test('GR4: who is given an update by the coordinator hands it to those that it is told of', () => {
  const m = member();
  m.feed(commit());
  const effects = m.feed({ type: 'update', part: 0, bytes: bytes(6), to: ['gina'] });
  expect(effects.map((e) => e.type === 'transmit' && e.to)).toEqual(['gina', 'bert']);
});

test('RD5 GR4: work comes back in the parts in which the own group is not', () => {
  const m = member();
  const effects = m.feed(commit({ without: [1] }));
  expect(effects).toContainEqual({ type: 'settle', round: 3, taken: [true, false] });
});
