import { expect, test } from 'vitest';
import { needingAttention } from './attention.ts';

const who = (name: string, missedRounds = 0, relayed = false) => ({ name, missedRounds, relayed });

test('of a crowd those come first who missed most rounds, then the relayed, then whoever came first', () => {
  const crowd = [who('anna'), who('bert', 2), who('cleo', 0, true), who('dora', 5), who('emil', 2, true)];
  const names = (most?: number) => needingAttention(crowd, most).map(({ name }) => name);
  expect(names()).toEqual(['dora', 'emil', 'bert', 'cleo', 'anna']);
  expect(names(2)).toEqual(['dora', 'emil']);
});
