import { describe, expect, test } from 'vitest';
import type { VolunteerMessage } from '../protocol/messages.ts';
import type { Lease } from '../protocol/round.ts';
import { createLeaseBook } from './leases.ts';
import { nextWakeMs, reduceRound } from './reducer.ts';
import {
  initialRoundState,
  type RoundEffect,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from './state.ts';

const HASH = (c: string) => c.repeat(64);
/** What the fake codec refuses when it comes first. */
const NAN = 255;
const rules: RoundRules = {
  run: 'test',
  parameters: 8192,
  schemaHash: HASH('5'),
  target: { kind: 'rounds', amount: 2 },
  ...{ codec: 'int8', aggregate: 'auto' },
  decode: (bytes, length) =>
    bytes.byteLength !== length + 4
      ? { kind: 'refused', reason: 'wrong-size', detail: '' }
      : bytes[0] === NAN
        ? { kind: 'refused', reason: 'non-finite', detail: '' }
        : { kind: 'decoded', values: new Float32Array(length) },
  seed: 1,
  optimizer: 'adamw',
  learningRateAt: (progress) => 1 - progress,
  batch: { joint: 0, least: 10 },
  innerSteps: 2,
  quorum: 2,
  patienceMs: 1_000,
  reduceMs: 8_000,
};

/** A coordinator whose clock is set by hand and whose effects are collected. */
function bench(over: Partial<RoundRules> = {}) {
  const all = { ...rules, ...over };
  let state: RoundState = initialRoundState({
    round: 0,
    committedRounds: 0,
    version: HASH('0'),
    samplesDone: 0,
    trainedMs: 0,
    phase: 'running',
    leases: createLeaseBook([
      { hash: HASH('a'), count: 1_000 },
      { hash: HASH('b'), count: 1_000 },
    ]),
  });
  let nowMs = 0;
  const feed = (event: RoundEvent): readonly RoundEffect[] => {
    const [next, effects] = reduceRound(state, event, { rules: all, nowMs });
    state = next;
    return effects;
  };
  const say = (peer: string, message: VolunteerMessage) => feed({ type: 'message', peer, message });
  const enter = (peer: string, workers = 1) => {
    feed({ type: 'joined', peer, name: peer });
    return say(peer, {
      type: 'available',
      schemaHash: all.schemaHash,
      version: state.version,
      device: 'test',
      workers,
    });
  };
  return {
    feed,
    say,
    enter,
    state: () => state,
    at: (ms: number) => {
      nowMs = ms;
      return feed({ type: 'tick' });
    },
    wake: () => nextWakeMs(state, all),
    ready: (peer: string, over: Partial<Extract<VolunteerMessage, { type: 'ready' }>> = {}) =>
      say(peer, {
        type: 'ready',
        round: state.open?.manifest.round ?? 1,
        samples: 20,
        steps: 2,
        loss: 0.5,
        norm: 1,
        trainMs: 100,
        hashes: [HASH('c'), HASH('d')].slice(0, state.open?.manifest.parts.length),
        meshed: [],
        ...over,
      }),
    reduced: (peer: string, part: number, contributors: string[], { size = 4_100, first = 0 } = {}) =>
      say(peer, {
        type: 'reduced',
        round: state.open?.manifest.round ?? 1,
        part,
        contributors,
        bytes: new Uint8Array(size).fill(first, 0, 1),
      }),
    committed: () =>
      feed({
        type: 'committed',
        round: state.open?.manifest.round ?? 1,
        version: HASH('1'),
        updates: [HASH('e'), HASH('f')],
      }),
    applied: (peer: string) =>
      say(peer, {
        type: 'applied',
        round: state.round,
        version: state.version,
        meshBytes: 7,
        resynced: false,
      }),
  };
}

const leased = (leases: readonly Lease[]) => leases.reduce((sum, { count }) => sum + count, 0);
const types = (effects: readonly RoundEffect[]) =>
  effects.map((e) => (e.type === 'send' ? e.message.type : e.type));

describe('a round from open to committed', () => {
  test('RD1: it opens when the quorum is here, with parts, owners and leases of all members', () => {
    const b = bench();
    b.enter('anna');
    expect(b.state().open).toBeUndefined();
    expect(types(b.enter('bert'))).toContain('round');
    const manifest = b.state().open?.manifest;
    expect(manifest?.parts).toEqual([
      { start: 0, end: 4096, owner: 'anna' },
      { start: 4096, end: 8192, owner: 'bert' },
    ]);
    expect(manifest?.members.map((m) => m.leases[0]?.shard)).toEqual([HASH('a'), HASH('b')]);
    expect(manifest).toMatchObject({ round: 1, base: HASH('0'), maxSteps: 2, learningRate: 1 });
  });

  test('RD1 SH2: each member is leased whole batches for every worker that it last said it has', () => {
    const b = bench();
    b.enter('anna', 3);
    b.say('anna', {
      ...{ type: 'available', schemaHash: HASH('5'), version: HASH('0'), device: 'test', workers: 4 },
    });
    b.enter('bert');
    const members = b.state().open?.manifest.members ?? [];
    expect(members.map((m) => [m.peer, m.workers, leased(m.leases)])).toEqual([
      ['anna', 4, 4 * 2 * 10],
      ['bert', 1, 2 * 10],
    ]);
  });

  test('RD2: members are leased shares of the joint batch', () => {
    const b = bench({ batch: { joint: 64, least: 8 } });
    b.enter('anna', 3);
    b.enter('bert', 1);
    const manifest = b.state().open?.manifest;
    expect(manifest?.batchSize).toBe(16);
    expect(manifest?.members.map((m) => leased(m.leases))).toEqual([3 * 2 * 16, 2 * 16]);
  });

  test('SH2: workers for which the data set is too small are leased nothing, the first always is', () => {
    const b = bench({ batch: { joint: 0, least: 200 } });
    b.enter('anna', 64);
    b.enter('bert', 2);
    const given = () => b.state().open?.manifest.members.map((m) => leased(m.leases));
    expect(given()).toEqual([2 * 400, 2 * 400]);
    const small = bench({ batch: { joint: 0, least: 2_000 } });
    small.enter('anna', 64);
    small.enter('bert', 2);
    expect(small.state().open?.manifest.members.map((m) => leased(m.leases))).toEqual([4_000, 4_000]);
  });

  test('RD3: samples of every worker that was leased for count, and no more', () => {
    const b = bench();
    b.enter('anna', 3);
    b.enter('bert', 3);
    expect(types(b.ready('anna', { samples: 61 }))).toEqual(['refuse']);
    expect(types(b.ready('anna', { samples: 60 }))).toEqual([]);
    b.ready('bert', { samples: 31, steps: 1 });
    expect(b.state().open?.phase).toBe('training');
    b.ready('bert', { samples: 30, steps: 1 });
    expect(b.state().open).toMatchObject({
      contributors: [
        { peer: 'anna', samples: 60 },
        { peer: 'bert', samples: 30 },
      ],
    });
  });

  test('RD3 RD4 RD8: ready, reduce, reduced, commit, update to the owners, applied, and the next round', () => {
    const b = bench();
    b.enter('anna');
    b.enter('bert');
    expect(types(b.ready('anna'))).toEqual([]);
    const frozen = b.ready('bert', { samples: 10, steps: 1 });
    expect(frozen[0]).toMatchObject({
      message: {
        type: 'reduce',
        owners: ['anna', 'bert'],
        contributors: [
          { peer: 'anna', samples: 20 },
          { peer: 'bert', samples: 10, steps: 1 },
        ],
      },
    });
    expect(types(b.reduced('anna', 0, ['anna', 'bert']))).toEqual([]);
    const committing = b.reduced('bert', 1, ['bert']);
    expect(committing.find((e) => e.type === 'commit')).toMatchObject({
      record: { samples: 30, loss: 0.5, volunteers: 2, missingParts: 0, coordinatorBytes: 4 * 4_100 },
    });
    expect(types(b.committed())).toEqual(expect.arrayContaining(['commit', 'handBack']));
    expect(b.state()).toMatchObject({ round: 1, version: HASH('1'), samplesDone: 30 });
    expect(types(b.applied('anna'))).toEqual([]);
    const closed = b.applied('bert');
    expect(closed.find((e) => e.type === 'record')).toMatchObject({
      record: { meshBytes: 14, reason: null },
    });
    expect(b.state().open?.manifest).toMatchObject({ round: 2, base: HASH('1'), learningRate: 0.5 });
  });

  test('the run is finished when its target is met, and opens nothing more', () => {
    const b = bench({ target: { kind: 'rounds', amount: 1 } });
    b.enter('anna');
    b.enter('bert');
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['anna']);
    b.committed();
    b.applied('anna');
    expect(types(b.applied('bert'))).toContain('finished');
    expect(b.state()).toMatchObject({ phase: 'finished', open: undefined });
  });
});

describe('every wait ends', () => {
  const opened = () => {
    const b = bench();
    b.enter('anna');
    b.enter('bert');
    return b;
  };

  test('RD4: training ends at its cap with those who are ready', () => {
    const b = opened();
    b.ready('anna');
    b.at(b.wake() ?? 0);
    expect(b.state().open).toMatchObject({ phase: 'reducing', contributors: [{ peer: 'anna' }] });
  });

  test('a target of minutes is met by time, also when the last round was abandoned or the run is paused', () => {
    const b = bench({ target: { kind: 'minutes', amount: 0.1 } });
    b.enter('anna');
    b.enter('bert');
    b.feed({ type: 'command', command: 'pause' });
    expect(types(b.at(b.wake() ?? 0))).toEqual(expect.arrayContaining(['abandoned', 'record', 'finished']));
    expect(b.state()).toMatchObject({ phase: 'finished', open: undefined });
    expect(b.wake()).toBeUndefined();
  });

  test('a target of rounds counts those that were committed', () => {
    const b = bench({ target: { kind: 'rounds', amount: 1 } });
    b.enter('anna');
    b.enter('bert');
    b.at(b.wake() ?? 0);
    expect(b.state()).toMatchObject({ phase: 'running', round: 1, committedRounds: 0 });
  });

  test('RD9: nobody ready at the cap: abandoned, and every lease is free again', () => {
    const b = opened();
    b.at(b.wake() ?? 0);
    expect(b.state()).toMatchObject({ round: 1, version: HASH('0'), open: undefined });
    expect(b.state().leases.free.reduce((sum, r) => sum + r.end - r.start, 0)).toBe(2_000);
  });

  test('RD6: an owner that is lost while reducing costs its part', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna', 'bert']);
    const effects = b.feed({ type: 'left', peer: 'bert' });
    expect(effects.find((e) => e.type === 'commit')).toMatchObject({ record: { missingParts: 1 } });
  });

  test('RD7: an owner that leaves before the reduction is replaced', () => {
    const b = opened();
    b.ready('anna');
    b.feed({ type: 'left', peer: 'bert' });
    expect(b.state().open).toMatchObject({
      phase: 'reducing',
      owners: ['anna', 'anna'],
      contributors: [{ peer: 'anna' }],
    });
  });

  test('RD9: no part at the cap: abandoned; a part at the cap: committed without the other', () => {
    const none = opened();
    none.ready('anna');
    none.ready('bert');
    const effects = none.at(none.wake() ?? 0);
    expect(effects.find((e) => e.type === 'record')).toMatchObject({ record: { reason: 'no-part' } });
    const one = opened();
    one.ready('anna');
    one.ready('bert');
    one.reduced('bert', 1, ['anna', 'bert']);
    expect(types(one.at(one.wake() ?? 0))).toContain('commit');
  });

  test('RD8: the update of an owner that has left is handed to somebody who is here', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.feed({ type: 'left', peer: 'anna' });
    expect(b.committed()).toContainEqual({ type: 'handBack', round: 1, owners: ['bert', 'bert'] });
  });

  test('SH2: a version that cannot be stored abandons the round, and each lease is free again once', () => {
    const b = opened();
    b.ready('anna', { samples: 7 });
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.feed({ type: 'commitFailed', round: 1 });
    expect(b.state()).toMatchObject({ round: 1, version: HASH('0'), open: undefined });
    expect(b.state().leases.free).toEqual([
      { shard: 0, epoch: 0, start: 0, end: 1_000 },
      { shard: 1, epoch: 0, start: 0, end: 1_000 },
    ]);
  });

  test('SH2: a contributor whose work reached no owner has given nothing', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert', { loss: 9 });
    b.reduced('anna', 0, ['anna']);
    const commit = b.reduced('bert', 1, ['anna']).find((e) => e.type === 'commit');
    expect(commit).toMatchObject({ record: { samples: 20, volunteers: 1, loss: 0.5 } });
    b.committed();
    expect(b.state().samplesDone).toBe(20);
    expect(b.state().leases.free.reduce((sum, r) => sum + r.end - r.start, 0)).toBe(2_000 - 20);
  });

  test('RD2: a training time that nobody can have taken does not lengthen the next round', () => {
    const b = opened();
    b.at(1_000);
    b.ready('anna', { trainMs: 1e15 });
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.committed();
    b.applied('anna');
    b.applied('bert');
    expect(b.state().pace?.stepMs).toBe(500);
  });

  test('RD9: spreading ends at its cap; who has not applied is not waited for', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.committed();
    b.applied('anna');
    b.at(b.wake() ?? 0);
    expect(b.state().open?.manifest.round).toBe(2);
  });

  test('RD9: a member that pauses while training is not waited for when the version spreads', () => {
    const b = opened();
    b.enter('cleo');
    b.ready('anna');
    b.say('bert', { type: 'paused' });
    b.reduced('anna', 0, ['anna']);
    b.reduced('anna', 1, ['anna']);
    b.committed();
    expect(types(b.applied('anna'))).toContain('record');
  });

  test('after the first round fewer than the quorum are enough, once patience is over', () => {
    const b = opened();
    b.feed({ type: 'left', peer: 'bert' });
    b.at(b.wake() ?? 0);
    expect(b.state().open).toBeUndefined();
    b.at((b.wake() ?? 0) + 1);
    expect(b.state().open?.manifest.members.map((m) => m.peer)).toEqual(['anna']);
  });

  test('a pause lets the open round end and opens no other; start goes on', () => {
    const b = opened();
    b.feed({ type: 'command', command: 'pause' });
    expect(b.state().open?.phase).toBe('training');
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.committed();
    b.applied('anna');
    b.applied('bert');
    expect(b.state()).toMatchObject({ phase: 'paused', round: 1, open: undefined });
    expect(types(b.feed({ type: 'command', command: 'start' }))).toContain('round');
  });
});

describe('AG1: what does not fit is refused with a reason and changes nothing', () => {
  const opened = () => {
    const b = bench();
    b.enter('anna');
    b.enter('bert');
    return b;
  };
  const reasonOf = (effects: readonly RoundEffect[]) =>
    effects.flatMap((e) => (e.type === 'refuse' ? [e.reason] : []));

  test.each([
    ['another round', { round: 9 }, 'wrong-round'],
    ['too few hashes', { hashes: [] }, 'wrong-size'],
    ['more steps than allowed', { steps: 3 }, 'wrong-size'],
    ['more samples than its steps hold', { samples: 21 }, 'wrong-size'],
    ['a loss that is not finite', { loss: NaN }, 'non-finite'],
  ] as const)('ready with %s', (_, over, reason) => {
    const b = opened();
    expect(
      reasonOf(b.ready('anna', { ...over, ...('hashes' in over ? { hashes: [] } : {}) } as never)),
    ).toEqual([reason]);
    expect(b.state().open).toMatchObject({ phase: 'training' });
    expect(b.state().open?.phase === 'training' && b.state().open).not.toHaveProperty('contributors');
  });

  test('ready twice, or from somebody outside the round', () => {
    const b = opened();
    b.enter('cleo');
    expect(reasonOf(b.ready('cleo'))).toEqual(['not-a-member']);
    b.ready('anna');
    expect(reasonOf(b.ready('anna'))).toEqual(['duplicate']);
  });

  test('a reduced part of the wrong owner, size or contributors', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    expect(reasonOf(b.reduced('bert', 0, ['anna']))).toEqual(['not-a-member']);
    expect(reasonOf(b.reduced('anna', 0, ['zora']))).toEqual(['wrong-size']);
    expect(reasonOf(b.reduced('anna', 0, ['anna', 'anna']))).toEqual(['wrong-size']);
    expect(reasonOf(b.reduced('anna', 0, []))).toEqual(['wrong-size']);
    b.reduced('anna', 0, ['anna']);
    expect(reasonOf(b.reduced('anna', 0, ['anna']))).toEqual(['duplicate']);
  });

  test.each([
    ['of another size', { size: 17 }, 'wrong-size'],
    ['with values that are not finite', { first: NAN }, 'non-finite'],
  ] as const)('a reduced part %s is lost, and nobody waits for it', (_, over, reason) => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('bert', 1, ['anna', 'bert']);
    const effects = b.reduced('anna', 0, ['anna'], over);
    expect(reasonOf(effects)).toEqual([reason]);
    expect(effects.find((e) => e.type === 'commit')).toMatchObject({ record: { missingParts: 1 } });
  });

  test('ready from somebody who has paused or failed in this round', () => {
    const b = opened();
    b.say('anna', { type: 'failed', round: 1, sentence: 'no shard' });
    expect(reasonOf(b.ready('anna'))).toEqual(['wrong-round']);
    b.ready('bert');
    expect(b.state().open).toMatchObject({ phase: 'reducing', contributors: [{ peer: 'bert' }] });
  });

  test('LK4: a volunteer with another model is told so and never counted on', () => {
    const b = bench();
    b.feed({ type: 'joined', peer: 'anna', name: 'anna' });
    expect(
      reasonOf(
        b.say('anna', {
          ...{ type: 'available', schemaHash: HASH('9'), version: HASH('0'), device: 'test', workers: 1 },
        }),
      ),
    ).toEqual(['schema-mismatch']);
    expect(b.state().volunteers.get('anna')?.state).toBe('syncing');
  });
});
