import { describe, expect, test } from 'vitest';
import { bench, CONTRIBUTION_HASH, HASH, NAN, opened, replays, types } from './reducer.fixture.ts';
import type { RoundEffect } from './state.ts';

describe('AG1: what does not fit is refused with a reason and changes nothing', () => {
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
  ] as const)('a reduced part %s goes to the next in charge', (_, over, reason) => {
    const b = opened();
    b.ready('anna');
    b.ready('bert');
    b.reduced('bert', 1, ['anna', 'bert']);
    const effects = b.reduced('anna', 0, ['anna'], over);
    expect(reasonOf(effects)).toEqual([reason]);
    const hashes = [CONTRIBUTION_HASH, CONTRIBUTION_HASH];
    expect(effects.slice(1)).toEqual(replays(['anna', 'bert'], { part: 0, owner: 'bert' }, hashes));
    expect(types(b.reduced('bert', 0, ['bert']))).toContain('commit');
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
