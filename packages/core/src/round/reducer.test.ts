import { describe, expect, test } from 'vitest';
import type { Lease } from '../protocol/round.ts';
import { bench, HASH, types } from './reducer.fixture.ts';

const leased = (leases: readonly Lease[]) => leases.reduce((sum, { count }) => sum + count, 0);

describe('a round from open to committed', () => {
  test('RD1: it opens when the quorum is here, with parts, owners and leases of all members', () => {
    const b = bench();
    b.enter('anna');
    expect(b.state().open).toBeUndefined();
    expect(types(b.enter('bert'))).toContain('round');
    const manifest = b.state().open?.manifest;
    expect(manifest?.parts).toEqual([
      { start: 0, end: 4096, owner: 'anna', backup: 'bert' },
      { start: 4096, end: 8192, owner: 'bert', backup: 'anna' },
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
    // Of 2,000 examples, three times: 15 workers' worth.
    expect(given()).toEqual([13 * 400, 2 * 400]);
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
