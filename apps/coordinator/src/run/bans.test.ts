import { beforeEach, expect, test } from 'vitest';
import { FakeVolunteer, options, resetScene, scene, settle } from './coordinator.fixture.ts';
import { createBans } from './bans.ts';
import { createCoordinator } from './coordinator.ts';
import { createLedger } from './ledger.ts';
import { createNoticeboard } from './noticeboard.ts';
import { createSessions, type Session } from './sessions.ts';

const BAN = { peer: 'p0xxxxxxxx', name: 'Ada', round: 3, sentence: 'It lied.' };
const operate = (coordinator: Awaited<ReturnType<typeof createCoordinator>>) =>
  coordinator.operator(() => undefined);

beforeEach(resetScene);

/** The carrying out of bans, with one session that is here. */
async function bench() {
  await createCoordinator(options());
  const heard: unknown[] = [];
  const sessions = createSessions(() => BAN.peer);
  const hello = { type: 'hello', protocol: 1, name: 'Ada', host: 'headless' } as const;
  const session: Session = sessions.open(hello, (message) => void heard.push(message));
  const board = createNoticeboard(options(), () => undefined);
  const ledger = createLedger(options());
  return { heard, sessions, session, ledger, bans: createBans({ sessions, ledger, board }) };
}

test('AG5: whoever is excluded is told why, is not listened to any more, and the operator knows', async () => {
  const { heard, sessions, ledger, bans } = await bench();
  bans.banish(BAN);
  await ledger.settled();
  expect(heard).toEqual([{ type: 'refused', reason: 'banned', detail: 'It lied.' }]);
  expect(sessions.all()).toEqual([]);
  expect(scene.said).toContain('warning: Ada was excluded: It lied.');
  expect((await scene.store.load())?.bans).toEqual([BAN]);
  bans.pardon(BAN);
  await ledger.settled();
  expect((await scene.store.load())?.bans).toEqual([]);
});

test('AG5: an exclusion that cannot be stored holds all the same, and is said', async () => {
  const { sessions, bans } = await bench();
  scene.store.addBan = () => Promise.reject(new Error('disk full'));
  bans.banish(BAN);
  await settle();
  expect(sessions.all()).toEqual([]);
  expect(scene.said).toContain('error: An exclusion could not be stored: disk full');
});

test('AG5: after a restart it is refused by its identity, until the operator lets it in again', async () => {
  await createCoordinator(options());
  await scene.store.addBan(BAN);
  const coordinator = await createCoordinator(options());
  const resume = { peer: BAN.peer, secret: 's' };
  expect(new FakeVolunteer(coordinator, { resume }).last('refused')).toEqual({
    ...{ type: 'refused', reason: 'banned', detail: 'It lied.' },
  });
  const pardon = { type: 'pardon', peer: BAN.peer } as const;
  expect(await operate(coordinator).command(pardon)).toEqual({ ok: true });
  await settle();
  expect((await scene.store.load())?.bans).toEqual([]);
  expect(new FakeVolunteer(coordinator, { resume }).last('welcome')).toMatchObject({ run: { run: 'r' } });
  expect(await operate(coordinator).command(pardon)).toMatchObject({
    ok: false,
    sentence: expect.stringContaining('not excluded any more') as string,
  });
});
