import { expect, test } from 'vitest';
import { sha256Hex } from '../hash/sha256.ts';
import { coordinatorMessage } from '../protocol/messages.ts';
import { UNTOLD, type Contributor } from '../protocol/round.ts';
import { reduceMessages, replayMessages } from './naming.ts';

const PARTS = 3;
const hashOf = (peer: string, part: number) => sha256Hex(new TextEncoder().encode(`${peer} ${part}`));
const contributors = ['anna', 'bert'].map((peer): Contributor => {
  const hashes = Array.from({ length: PARTS }, (_, part) => hashOf(peer, part));
  return { peer, samples: 20, steps: 2, hashes };
});
const named = { round: 1, to: ['anna', 'bert', 'cleo', 'dora'], contributors };

/** What each of them hears. */
const heardIn = (effects: ReturnType<typeof reduceMessages>) =>
  new Map(effects.flatMap((e) => (e.type === 'send' ? e.to.map((peer) => [peer, e.message] as const) : [])));

test('RD6: REDUCE tells each member the hashes of the pieces that it is to reduce, and of no others', () => {
  const heard = heardIn(reduceMessages(named, ['anna', 'cleo', 'anna']));
  const told = (peer: string) => {
    const message = heard.get(peer);
    return message?.type === 'reduce' ? message.contributors.map(({ hashes }) => hashes) : undefined;
  };
  const of = (parts: readonly number[]) =>
    contributors.map(({ hashes }) => hashes.map((hash, part) => (parts.includes(part) ? hash : UNTOLD)));
  expect([...heard.keys()].sort()).toEqual(named.to);
  expect([told('anna'), told('bert'), told('cleo'), told('dora')]).toEqual([
    of([0, 2]),
    of([]),
    of([1]),
    of([]),
  ]);
  for (const message of heard.values()) expect(coordinatorMessage.safeParse(message).success).toBe(true);
});

test('RD7: REPLAY tells the hashes to whoever reduces the part from now on, and the others who that is', () => {
  const heard = heardIn(replayMessages(named, { part: 1, owner: 'dora' }));
  const hashes = [hashOf('anna', 1), hashOf('bert', 1)];
  expect(heard.get('dora')).toEqual({ type: 'replay', round: 1, part: 1, owner: 'dora', hashes });
  for (const peer of ['anna', 'bert', 'cleo'])
    expect(heard.get(peer)).toEqual({ type: 'replay', round: 1, part: 1, owner: 'dora' });
  expect(coordinatorMessage.safeParse(heard.get('dora')).success).toBe(true);
  const byCoordinator = replayMessages(named, { part: 1, owner: null });
  expect(byCoordinator).toMatchObject([{ to: named.to, message: { owner: null } }]);
});
