import type { MessageOf, VolunteerMessage } from '@murmur/core/protocol/messages';
import { beforeEach, expect, test } from 'vitest';
import { createSessions, type Sessions } from './sessions.ts';

type Hello = MessageOf<VolunteerMessage, 'hello'>;
const hello = (resume?: Hello['resume']): Hello => ({
  ...{ type: 'hello', protocol: 1, name: 'Ada', host: 'headless' },
  ...(resume && { resume }),
});
const nowhere = () => undefined;
const ready = (peer: string): MessageOf<VolunteerMessage, 'ready'> => ({
  ...{ type: 'ready', round: 1, samples: 20, steps: 2, loss: 1, norm: 1, trainMs: 500 },
  ...{ hashes: [], meshed: [peer] },
});

let names: number;
let sessions: Sessions;
beforeEach(() => {
  names = 0;
  sessions = createSessions((length) => `${names++}`.padEnd(length, 'x'));
});

test('who comes back with its secret keeps its counts; nobody else gets them', () => {
  const ada = sessions.open(hello(), nowhere);
  sessions.credit([{ peer: ada.peer, ready: ready(ada.peer) }]);
  sessions.close(ada);
  const thief = sessions.open(hello({ peer: ada.peer, secret: 'guess' }), nowhere);
  const again = sessions.open(hello({ peer: ada.peer, secret: ada.secret }), nowhere);
  expect(thief).toMatchObject({ rounds: 0, samples: 0 });
  expect(again).toMatchObject({ peer: ada.peer, rounds: 1, samples: 20, samplesPerSecond: 40 });
});

test('a greeting replaces only the present session whose secret it knows', () => {
  const ada = sessions.open(hello(), nowhere);
  expect(sessions.replaces(hello())).toBe(false);
  expect(sessions.replaces(hello({ peer: ada.peer, secret: 'guess' }))).toBe(false);
  expect(sessions.replaces(hello({ peer: ada.peer, secret: ada.secret }))).toBe(true);
  sessions.close(ada);
  expect(sessions.replaces(hello({ peer: ada.peer, secret: ada.secret }))).toBe(false);
});

test('closing a session that was replaced closes nothing', () => {
  const ada = sessions.open(hello(), nowhere);
  const again = sessions.open(hello({ peer: ada.peer, secret: ada.secret }), nowhere);
  sessions.close(ada);
  expect(sessions.get(ada.peer)).toBe(again);
});

test('of those who left a thousand are remembered', () => {
  const gone = Array.from({ length: 1_001 }, () => sessions.open(hello(), nowhere));
  gone.forEach((session) => sessions.close(session));
  const back = (i: number) => {
    const { peer, secret } = gone[i] ?? { peer: '', secret: '' };
    return sessions.open(hello({ peer, secret }), nowhere).peer === peer;
  };
  expect([back(0), back(1), back(1_000)]).toEqual([false, true, true]);
});

test('a member that gave nothing has missed a round', () => {
  const ada = sessions.open(hello(), nowhere);
  sessions.credit([
    { peer: ada.peer, ready: undefined },
    { peer: 'gone', ready: undefined },
  ]);
  expect(ada).toMatchObject({ rounds: 0, missedRounds: 1 });
});
