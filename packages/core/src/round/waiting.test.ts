import { describe, expect, test } from 'vitest';
import { bench, CONTRIBUTION_HASH, HASH, opened, replays, types } from './reducer.fixture.ts';

const handBack = (...peers: string[]) => ({
  ...{ type: 'handBack', round: 1 },
  hands: peers.map((peer, part) => ({ part, peer, to: [] })),
});

describe('every wait ends', () => {
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

  test('RD7: the part of an owner that is lost while reducing goes to its backup, who is sent everything again', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    const effects = b.feed({ type: 'left', peer: 'bert' });
    const hashes = [CONTRIBUTION_HASH, CONTRIBUTION_HASH];
    expect(effects).toEqual(replays(['anna'], { part: 1, owner: 'anna' }, hashes));
    b.reduced('anna', 0, ['anna', 'bert']);
    expect(types(b.reduced('anna', 1, ['anna']))).toContain('commit');
  });

  test('RD7: where the backup is gone too, the coordinator reduces the part from what contributors send it', () => {
    const b = opened(['cleo']);
    for (const peer of ['anna', 'bert', 'cleo']) b.ready(peer);
    b.reduced('anna', 0, ['anna', 'bert', 'cleo']);
    b.feed({ type: 'left', peer: 'bert' });
    const effects = b.feed({ type: 'left', peer: 'cleo' });
    expect(effects).toEqual(expect.arrayContaining(replays(['anna'], { part: 1, owner: null })));
    b.reduced('anna', 2, ['anna', 'cleo']);
    const commit = b.contribution('anna', 1).find((e) => e.type === 'commit');
    expect(commit).toMatchObject({ record: { missingParts: 0 } });
    const reduced = commit?.type === 'commit' ? commit.round.reduced.get(1) : undefined;
    expect(reduced?.contributors).toEqual(['anna']);
  });

  test('RD7: an owner that is silent at half the budget is relieved, and the first of both that is done counts', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna', 'bert']);
    const effects = b.at(4_000);
    const hashes = [CONTRIBUTION_HASH, CONTRIBUTION_HASH];
    expect(effects).toEqual(replays(['bert', 'anna'], { part: 1, owner: 'anna' }, hashes));
    expect(types(b.reduced('bert', 1, ['bert']))).toContain('commit');
    expect(b.reduced('anna', 1, ['anna']).filter((e) => e.type === 'commit')).toEqual([]);
  });

  test('RD7 AG3: what somebody hands in after it was relieved is its own work, not the coordinator’s', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.at(4_000);
    b.at(6_000);
    b.reduced('anna', 1, ['anna', 'bert']);
    // For the part that is done nothing is needed any more, and nobody is blamed for having sent it.
    expect(b.contribution('bert', 1)).toEqual([]);
    const commit = b.reduced('anna', 0, ['anna']).find((e) => e.type === 'commit');
    const round = commit?.type === 'commit' ? commit.round : undefined;
    expect([round?.owners[1], round?.here.size]).toEqual(['anna', 0]);
  });

  test('RD7: whoever is asked in vain costs its part at the end of the budget, not the round', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna', 'bert']);
    expect(b.wake()).toBe(4_000);
    b.at(4_000);
    expect(b.wake()).toBe(6_000);
    b.at(6_000);
    const effects = b.at(8_000);
    expect(effects.find((e) => e.type === 'commit')).toMatchObject({ record: { missingParts: 1 } });
  });

  test('RD4: who is far out of the time of the others is not waited for, once 80 % of the work is there', () => {
    const b = opened(['cleo', 'dora', 'emil']);
    b.at(1_000);
    for (const peer of ['anna', 'bert', 'cleo']) b.ready(peer);
    const cap = b.wake();
    b.at(1_200);
    b.ready('dora');
    const due = b.wake() ?? 0;
    expect(due).toBeLessThan(cap ?? 0);
    b.at(due - 1);
    expect(b.state().open?.phase).toBe('training');
    b.at(due);
    expect(b.state().open).toMatchObject({ phase: 'reducing' });
    const { manifest } = b.state().open ?? {};
    // Its own budget is over for whoever is left behind.
    expect(due).toBeGreaterThan(manifest?.trainMs ?? Infinity);
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
    const effects = [4_000, 6_000, 8_000].flatMap((ms) => none.at(ms));
    expect(effects.find((e) => e.type === 'record')).toMatchObject({ record: { reason: 'no-part' } });
    // Links that were too slow for the budget get twice as much.
    none.at(none.wake() ?? 0);
    expect(none.state().open?.manifest.reduceMs).toBe(16_000);
    const one = opened();
    one.ready('anna');
    one.ready('bert');
    one.reduced('bert', 1, ['anna', 'bert']);
    expect(types([4_000, 6_000, 8_000].flatMap((ms) => one.at(ms)))).toContain('commit');
  });

  test('RD8: the update of an owner that has left is handed to somebody who is here', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna']);
    b.reduced('bert', 1, ['bert']);
    b.feed({ type: 'left', peer: 'anna' });
    expect(b.committed()).toContainEqual(handBack('bert', 'bert'));
  });

  test('RD7 RD8: the update of a part whose owners were silent is handed to somebody who was not', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('anna', 0, ['anna', 'bert']);
    b.at(4_000);
    b.at(6_000);
    b.contribution('anna', 1);
    b.contribution('bert', 1);
    expect(b.committed()).toContainEqual(handBack('anna', 'anna'));
  });

  test('AG1: the coordinator keeps no contribution that is larger than its part can be', () => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.at(4_000);
    b.at(6_000);
    const effects = b.contribution('anna', 1, new Uint8Array(6 * 4_096));
    expect(effects).toMatchObject([{ type: 'refuse', peer: 'anna', reason: 'wrong-size' }]);
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
    // Before it an audit ends to which nobody answers.
    b.at(b.wake() ?? 0);
    expect(b.state().open?.manifest.round).toBe(1);
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
