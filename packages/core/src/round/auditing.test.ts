import { expect, test } from 'vitest';
import { float32 } from '../codec/float32.ts';
import { reducePart } from '../engine/contribution.ts';
import { sha256Hex } from '../hash/sha256.ts';
import type { VolunteerMessage } from '../protocol/messages.ts';
import type { RoundManifest } from '../protocol/round.ts';
import { createLeaseBook } from './leases.ts';
import { HASH, rules as fixtureRules } from './reducer.fixture.ts';
import { nextWakeMs, reduceRound } from './reducer.ts';
import {
  initialRoundState,
  type RoundEffect,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from './state.ts';

const BLOCK = 4096;
const PEERS = ['anna', 'bert', 'cleo', 'dora'];
const rules: RoundRules = {
  ...fixtureRules,
  parameters: BLOCK * PEERS.length,
  target: { kind: 'rounds', amount: 1_000 },
  codec: 'float32',
  decode: (_, bytes, length) => float32.decode(bytes, length),
  reduce: (manifest, part, contributions) =>
    reducePart({ codec: float32, rule: manifest.rule }, lengthOf(manifest, part), part, contributions),
  ...{ batch: { joint: 0, least: 1 }, innerSteps: 1, quorum: PEERS.length, patienceMs: 0 },
};

const lengthOf = ({ parts }: RoundManifest, part: number): number =>
  (parts[part]?.end ?? 0) - (parts[part]?.start ?? 0);

/** What this member contributes to this part: everybody something else. */
const piece = (peer: string, manifest: RoundManifest, part: number): Uint8Array =>
  float32.encode(new Float32Array(lengthOf(manifest, part)).fill(PEERS.indexOf(peer) + 1 + part / 10));

/**
 * A run whose members do everything right, but for what `liars` hand in for the parts that they own. Whoever is relayed owns none, so
 * that the others own several.
 */
function run({
  liars = [] as readonly string[],
  silent = [] as readonly string[],
  relayed = [] as readonly string[],
  parameters = BLOCK * PEERS.length,
} = {}) {
  const own: RoundRules = { ...rules, parameters };
  let state: RoundState = initialRoundState({
    ...{ round: 0, committedRounds: 0, version: HASH('0'), samplesDone: 0, trainedMs: 0, phase: 'running' },
    leases: createLeaseBook([{ hash: HASH('a'), count: 100_000 }]),
  });
  let nowMs = 0;
  const effects: RoundEffect[] = [];
  const feed = (event: RoundEvent): readonly RoundEffect[] => {
    const [next, more] = reduceRound(state, event, { rules: own, nowMs });
    state = next;
    effects.push(...more);
    return more;
  };
  const say = (peer: string, message: VolunteerMessage) => feed({ type: 'message', peer, message });
  const enter = (peer: string) => {
    feed({ type: 'joined', peer, name: peer });
    const { version } = state;
    say(peer, { type: 'available', schemaHash: rules.schemaHash, version, device: 'test', workers: 1 });
  };
  const here = () => [...state.volunteers.keys()];

  function ready(round: number): void {
    const manifest = state.open?.manifest;
    if (!manifest) throw new Error('expected an open round');
    for (const peer of here()) {
      const hashes = manifest.parts.map((_, i) => sha256Hex(piece(peer, manifest, i)));
      const counted = { samples: 1, steps: 1, loss: 1, norm: 1_000, trainMs: 1 };
      say(peer, { type: 'ready', round, ...counted, hashes, meshed: relayed.includes(peer) ? [] : here() });
    }
  }

  function reduce(round: number): void {
    const open = state.open;
    if (open?.phase !== 'reducing') throw new Error(`expected a reduction, received ${open?.phase}`);
    open.owners.forEach((owner, part) => {
      const contributions = open.contributors.map((contributor) => ({
        contributor,
        bytes: piece(contributor.peer, open.manifest, part),
      }));
      const result = rules.reduce(open.manifest, part, contributions);
      if (result.kind !== 'reduced') throw new Error(result.sentence);
      const lie = float32.encode(new Float32Array(lengthOf(open.manifest, part)).fill(-1));
      const bytes = liars.includes(owner) ? lie : result.bytes;
      say(owner, { type: 'reduced', round, part, contributors: [...result.contributors], bytes });
    });
  }

  function show(): void {
    for (let asked = -1; state.audit && state.audit.part !== asked;) {
      const { contributors, part, manifest } = state.audit;
      asked = part;
      for (const { peer } of contributors) {
        if (silent.includes(peer)) continue;
        say(peer, { type: 'contribution', round: manifest.round, part, bytes: piece(peer, manifest, part) });
      }
    }
  }

  function playRound(meanwhile: () => void = () => undefined): void {
    const round = state.open?.manifest.round ?? 0;
    ready(round);
    reduce(round);
    const updates = state.open?.manifest.parts.map(() => HASH('e')) ?? [];
    feed({ type: 'committed', round, version: HASH(String(round % 10)), updates });
    meanwhile();
    show();
    // Time passes only where somebody is waited for.
    if (state.audit) nowMs = state.audit.deadlineMs;
    for (const peer of here())
      say(peer, { type: 'applied', round, version: state.version, meshBytes: 0, resynced: false });
    if (!state.open) nowMs = nextWakeMs(state, own) ?? nowMs;
    feed({ type: 'tick' });
  }

  for (const peer of PEERS) enter(peer);
  return { state: () => state, effects, feed, say, enter, ready, playRound };
}

test('AG3: one part a round is reduced again, in turns that nobody can foresee, and the honest are never blamed', () => {
  const r = run();
  const audited: string[] = [];
  for (let i = 0; i < 60; i++) {
    r.playRound();
    audited.push(
      ...[...r.state().trust].filter(([, t]) => t.auditedRound === r.state().round).map(([p]) => p),
    );
  }
  expect(r.state().banned.size).toBe(0);
  for (const peer of PEERS) expect(audited.filter((p) => p === peer).length).toBeGreaterThan(8);
  // Not simply one after the other.
  const gaps = audited.map((peer, i) => i - audited.lastIndexOf(peer, i - 1));
  expect(new Set(gaps.slice(4)).size).toBeGreaterThan(1);
});

/** Values of all parts of this round that were asked for, and how many of these parts. */
function auditedIn({ effects }: ReturnType<typeof run>, round: number): { values: number; parts: number } {
  const sent = effects.flatMap((e) => (e.type === 'send' ? [e.message] : []));
  const of = sent.find((m) => m.type === 'round' && m.manifest.round === round);
  const parts = sent.flatMap((m) => (m.type === 'audit' && m.round === round ? [m.part] : []));
  const values = parts.reduce(
    (sum, part) => sum + (of?.type === 'round' ? lengthOf(of.manifest, part) : 0),
    0,
  );
  return { values, parts: parts.length };
}

test('AG3: where parts are small several are reduced again, as many as cost the coordinator one copy of the parameters', () => {
  const parameters = 24 * BLOCK;
  const r = run({ relayed: ['dora'], parameters });
  for (let i = 0; i < 12; i++) r.playRound();
  const audits = Array.from({ length: 10 }, (_, i) => auditedIn(r, i + 2));
  for (const { values, parts } of audits) {
    expect(parts).toBeGreaterThan(0);
    expect(PEERS.length * values).toBeLessThanOrEqual(parameters);
  }
  expect(Math.max(...audits.map(({ parts }) => parts))).toBeGreaterThan(1);
  expect(r.state().banned.size).toBe(0);
});

test('AG3: no further part is asked for once the next round reduces: what was contributed might be forgotten', () => {
  const withSecond = (meanwhile?: (r: ReturnType<typeof run>) => void): number[] => {
    const counts: number[] = [];
    for (let rounds = 2; rounds < 8; rounds++) {
      const r = run({ relayed: ['dora'], parameters: 24 * BLOCK });
      for (let i = 1; i < rounds; i++) r.playRound();
      r.playRound(() => meanwhile?.(r));
      counts.push(auditedIn(r, rounds).parts);
    }
    return counts;
  };
  expect(Math.max(...withSecond())).toBeGreaterThan(1);
  const goOn = (r: ReturnType<typeof run>) => {
    const { round, version } = r.state();
    for (const peer of PEERS) r.say(peer, { type: 'applied', round, version, meshBytes: 0, resynced: false });
    r.ready(round + 1);
  };
  expect(withSecond(goOn)).toEqual(withSecond().map(() => 1));
});

test('AG3 AG5: an owner that lies is excluded within a few rounds, with the reason, and the version is healed', () => {
  const r = run({ liars: ['bert'] });
  for (let i = 0; i < 12 && r.state().banned.size === 0; i++) r.playRound();
  const ban = r.state().banned.get('bert');
  expect(ban?.sentence).toMatch(/^It handed in something else for part \d of round \d+/);
  expect([...r.state().banned.keys()]).toEqual(['bert']);
  const heal = r.effects.find((e) => e.type === 'heal');
  if (heal?.type !== 'heal' || !heal.truth) throw new Error('expected the version to be healed');
  const valuesOf = (bytes: Uint8Array) => {
    const decoded = float32.decode(bytes, heal.part.end - heal.part.start);
    return decoded.kind === 'decoded' ? new Set(decoded.values) : undefined;
  };
  expect(heal.part.owner).toBe('bert');
  expect(valuesOf(heal.lie)).toEqual(new Set([-1]));
  const [truth] = valuesOf(heal.truth) ?? [];
  // What all four contributed lies from 1 to 4 and a little.
  expect(truth).toBeGreaterThan(1);
  expect(truth).toBeLessThan(4.4);
  // It is not counted on any more, and told so when it comes back.
  expect(r.state().volunteers.has('bert')).toBe(false);
  expect(r.feed({ type: 'joined', peer: 'bert', name: 'bert' })).toEqual([{ type: 'banned', ban }]);
});

test('AG5: the operator lets a volunteer in again, which is then trusted like a newcomer', () => {
  const r = run({ liars: ['bert'] });
  for (let i = 0; i < 12 && r.state().banned.size === 0; i++) r.playRound();
  expect(r.feed({ type: 'pardon', peer: 'bert' })).toMatchObject([
    { type: 'pardoned', ban: { peer: 'bert' } },
  ]);
  expect(r.feed({ type: 'pardon', peer: 'nobody' })).toEqual([]);
  r.enter('bert');
  expect(r.state().volunteers.has('bert')).toBe(true);
  expect(r.state().trust.has('bert')).toBe(false);
});

test('AG3: whoever does not show what it contributed is excluded after the third time in a row, not before', () => {
  const r = run({ silent: ['cleo'] });
  r.playRound();
  r.playRound();
  expect(r.state().banned.size).toBe(0);
  for (let i = 0; i < 3; i++) r.playRound();
  expect([...r.state().banned.keys()]).toEqual(['cleo']);
});

test('AG3: a witness that leaves takes the evidence along: no judgement, no blame', () => {
  const r = run({ silent: PEERS });
  r.playRound();
  const before = r.state().trust;
  expect([...before.values()].every((t) => t.refusals === 1)).toBe(true);
  for (const peer of PEERS) r.feed({ type: 'left', peer });
  expect(r.state().audit).toBeUndefined();
  expect(r.state().banned.size).toBe(0);
});

test('RD8 AG3: what contributors show is counted as bytes of the coordinator, of the round whose part it was', () => {
  const r = run();
  r.playRound();
  const record = r.effects.find((e) => e.type === 'record');
  const parts = 4 * BLOCK * PEERS.length;
  // One copy in, one out, and as much again: a piece of one part of each of as many as there are parts.
  expect(record).toMatchObject({ record: { coordinatorBytes: 2 * parts + parts } });
});

test('AG1 AG3: evidence that is larger than the part can be is none', () => {
  const r = run({ silent: ['anna'] });
  const shown: number[] = [];
  for (let i = 0; i < 3; i++) {
    r.playRound(() => {
      const { audit } = r.state();
      if (!audit) return;
      const bytes = new Uint8Array(4 * (BLOCK + 2_000));
      r.say('anna', { type: 'contribution', round: audit.manifest.round, part: audit.part, bytes });
      shown.push(r.state().trust.get('anna')?.refusals ?? 0);
    });
  }
  expect(shown).toEqual([1, 2, 3]);
  expect([...r.state().banned.keys()]).toEqual(['anna']);
});
