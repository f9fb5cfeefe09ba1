import { expect, it } from 'vitest';
import { missingWords, reasonSentence, targetWords } from './words.ts';

it('tells every kind of target', () => {
  const words = (kind: 'rounds' | 'samples' | 'minutes', amount: number) =>
    targetWords({ kind, amount }).replaceAll('\u202f', ' ');
  expect(words('rounds', 1)).toBe('1 round');
  expect(words('samples', 1_200_000)).toBe('1.20 M samples');
  expect([words('minutes', 1), words('minutes', 10), words('minutes', 7.5)]).toEqual([
    '1 minute',
    '10 minutes',
    '7.5 minutes',
  ]);
});

it('explains a reason, and shows an unknown one as it is', () => {
  expect(reasonSentence('no-contribution')).toContain('the round changed nothing');
  expect(reasonSentence('moon-phase')).toBe('moon-phase');
});

it('those who are missing from a round are named, and in a crowd counted', () => {
  expect(missingWords({ missing: ['Ada', 'Bob'] })).toBe('Ada, Bob');
  expect(missingWords({ missing: ['Ada', 'Bob'], missingMembers: 40 })).toBe('Ada, Bob and 38 more');
  expect(missingWords({ missing: ['Ada', 'Bob', 'Cleo', 'Dora'] })).toBe('Ada, Bob, Cleo and 1 more');
});
