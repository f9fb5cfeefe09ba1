import { expect, test } from 'vitest';
import type { RosterEntry } from '../protocol/messages.ts';
import { UNBORN, type Life } from './lifeState.ts';
import { sentenceOf } from './viewOf.ts';

const HASH = 'a'.repeat(64);

/** A volunteer that is ready, in a run whose first round needs `quorum`. */
function waitingLife(quorum: number, states: readonly RosterEntry['state'][]): Life {
  return {
    ...UNBORN,
    connection: 'online',
    wish: 'work',
    engine: { kind: 'ready', schemaHash: HASH, device: 'test' },
    version: HASH,
    run: {
      run: 'r',
      name: 'r',
      objective: 'mae',
      preset: 'nano',
      parameters: 8,
      schemaHash: HASH,
      model: {},
      dataset: {},
      target: { kind: 'rounds', amount: 1 },
    },
    status: { phase: 'waiting', round: 0, version: HASH, progress: 0, quorum },
    roster: states.map((state, i) => ({ peer: `p${i}`, name: `p${i}`, host: 'browser', state })),
  };
}

test('who waits for others is told how many are missing; those who pause or prepare do not count', () => {
  expect(sentenceOf(waitingLife(3, ['waiting', 'paused', 'syncing']))).toBe(
    '2 more volunteers are needed before the round begins: 1 of 3 are ready.',
  );
  expect(sentenceOf(waitingLife(3, ['waiting', 'waiting']))).toBe(
    '1 more volunteer is needed before the round begins: 2 of 3 are ready.',
  );
});

test('nobody is missing once enough are here, or where the coordinator does not say', () => {
  expect(sentenceOf(waitingLife(2, ['waiting', 'waiting']))).toBe('The next round is about to begin.');
  const silent = waitingLife(2, ['waiting']);
  expect(sentenceOf({ ...silent, status: { ...silent.status!, quorum: undefined } })).toBe(
    'The next round is about to begin.',
  );
});
