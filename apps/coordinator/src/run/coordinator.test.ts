import { averageContributions } from '@murmur/core/aggregate/average';
import { float32 } from '@murmur/core/codec/float32';
import { versionName } from '@murmur/core/version/name';
import { readSnapshot } from '@murmur/core/version/snapshot';
import { beforeEach, describe, expect, test } from 'vitest';
import { createCoordinator, type Coordinator } from './coordinator.ts';
import {
  FakeVolunteer,
  FIRST,
  HELLO,
  options,
  pass,
  resetScene,
  scene,
  SCHEMA,
  settle,
} from './coordinator.fixture.ts';

let coordinator: Coordinator;

async function twoVolunteers(): Promise<[FakeVolunteer, FakeVolunteer]> {
  const pair: [FakeVolunteer, FakeVolunteer] = [
    new FakeVolunteer(coordinator),
    new FakeVolunteer(coordinator, { name: 'Bob' }),
  ];
  pair.forEach((v) => v.available());
  await settle();
  return pair;
}

/** Brings the open round to its commit; the owner of the only part reduces. */
async function commitRound(
  [a, b]: readonly FakeVolunteer[],
  deltas: readonly [number, number],
): Promise<void> {
  a?.ready(deltas[0]);
  b?.ready(deltas[1]);
  const reduce = a?.last('reduce');
  const owner = [a, b].find((v) => v?.peer === reduce?.owners[0]);
  const mean = averageContributions(
    deltas.map((d) => ({ values: new Float32Array(6).fill(d), samples: 2, steps: 1 })),
  );
  owner?.say({
    ...{ type: 'reduced', round: reduce?.round ?? 0, part: 0, bytes: float32.encode(mean) },
    contributors: reduce?.contributors.map((c) => c.peer) ?? [],
  });
  await settle();
}

async function finishRound(
  pair: readonly FakeVolunteer[],
  deltas: readonly [number, number] = [1, 3],
): Promise<void> {
  await commitRound(pair, deltas);
  for (const v of pair) {
    const commit = v.last('commit');
    v.say({
      type: 'applied',
      round: commit?.round ?? 0,
      version: commit?.version ?? '',
      meshBytes: 10,
      resynced: false,
    });
  }
  await settle();
}

beforeEach(async () => {
  resetScene();
  coordinator = await createCoordinator(options());
});

test('who is here is told when it is news, not whenever anything happens', async () => {
  const [ada, bob] = await twoVolunteers();
  await pass(1_000);
  const rosters = () => ada.heard.filter((m) => m.type === 'roster').length;
  const before = rosters();
  const { round = 1 } = ada.last('round')?.manifest ?? {};
  for (let step = 1; step <= 3; step++) {
    bob.say({ type: 'progress', round, step, samples: step, loss: 1 });
    await pass(1_000);
  }
  expect(rosters()).toBe(before);
  bob.say({ type: 'paused' });
  await pass(1_000);
  expect(rosters()).toBe(before + 1);
  expect(ada.last('roster')?.volunteers.find(({ peer }) => peer === bob.peer)?.state).toBe('paused');
});

describe('coming in', () => {
  test('a volunteer is welcomed with run, status and identity, and is counted', () => {
    const ada = new FakeVolunteer(coordinator);
    expect(ada.last('welcome')).toMatchObject({
      status: { phase: 'waiting', round: 0, version: versionName(FIRST) },
    });
    expect(coordinator.status().volunteers).toBe(1);
    ada.conversation.closed();
    expect(coordinator.status().volunteers).toBe(0);
  });

  test('LK4: another protocol version, and one too many, are refused with a reason', () => {
    const other = new FakeVolunteer(coordinator, { protocol: 9 });
    expect(other.last('refused')?.reason).toBe('protocol-version');
    for (let i = 0; i < 3; i++) new FakeVolunteer(coordinator);
    expect(new FakeVolunteer(coordinator).last('refused')).toEqual({ type: 'refused', reason: 'run-full' });
  });

  test('who comes back with its secret keeps its name; who guesses gets a new one', () => {
    const ada = new FakeVolunteer(coordinator);
    const { peer, secret } = ada.last('welcome') ?? { peer: '', secret: '' };
    ada.conversation.closed();
    expect(new FakeVolunteer(coordinator, { resume: { peer, secret } }).peer).toBe(peer);
    expect(new FakeVolunteer(coordinator, { resume: { peer, secret: 'guess' } }).peer).not.toBe(peer);
  });

  test('who comes back while its old connection still seems open is not turned away from a full run', () => {
    const [ada] = [
      new FakeVolunteer(coordinator),
      new FakeVolunteer(coordinator),
      new FakeVolunteer(coordinator),
    ];
    const { peer, secret } = ada.last('welcome') ?? { peer: '', secret: '' };
    expect(new FakeVolunteer(coordinator, { resume: { peer, secret } }).peer).toBe(peer);
    expect(new FakeVolunteer(coordinator, { resume: { peer, secret: 'guess' } }).peer).toBe('');
    expect(coordinator.status().volunteers).toBe(3);
  });

  test('AG4: a second connection of one volunteer silences the first; a second greeting is refused', () => {
    const ada = new FakeVolunteer(coordinator);
    const { peer, secret } = ada.last('welcome') ?? { peer: '', secret: '' };
    const again = new FakeVolunteer(coordinator, { resume: { peer, secret } });
    ada.conversation.closed();
    expect(coordinator.status().volunteers).toBe(1);
    again.say(HELLO);
    expect(again.last('refused')).toMatchObject({ reason: 'duplicate' });
    expect(coordinator.status().volunteers).toBe(1);
  });

  test('signals and relayed frames reach the one they are meant for, and nobody else', async () => {
    const [ada, bob] = await twoVolunteers();
    ada.say({ type: 'signal', to: bob.peer, data: 'offer' });
    ada.say({ type: 'relay', to: bob.peer, frame: Uint8Array.of(1, 2, 3) });
    ada.say({ type: 'relay', to: 'nobody', frame: Uint8Array.of(9) });
    expect(bob.last('signal')).toEqual({ type: 'signal', from: ada.peer, data: 'offer' });
    expect(bob.last('relay')).toEqual({ type: 'relay', from: ada.peer, frame: Uint8Array.of(1, 2, 3) });
    expect(ada.last('relay')).toBeUndefined();
  });
});

describe('rounds', () => {
  test('VS1 RD8: the committed version is base minus the mean, on disk under its name before anybody hears of it', async () => {
    const pair = await twoVolunteers();
    await commitRound(pair, [1, 3]);
    const expected = FIRST.map((v) => v - 2);
    const commit = pair[0].last('commit');
    expect(commit?.version).toBe(versionName(expected));
    const file = await scene.blobs.get(`${commit?.version ?? ''}.safetensors`);
    expect(file && readSnapshot(SCHEMA, file, commit?.version)).toMatchObject({
      kind: 'read',
      params: expected,
    });
    expect((await scene.store.load())?.head).toMatchObject({
      round: 1,
      version: commit?.version,
      samplesDone: 4,
    });
    expect(pair.filter((v) => v.last('update')).length).toBe(1);
  });

  test('the round log carries the final figures, and each volunteer what it gave', async () => {
    const pair = await twoVolunteers();
    await finishRound(pair);
    expect((await scene.store.load())?.records).toMatchObject([
      { round: 1, meshBytes: 20, volunteers: 2, reason: null },
    ]);
    let rows: unknown;
    coordinator.operator((snapshot) => (rows = snapshot.volunteers));
    expect(rows).toMatchObject([
      { name: 'Ada', device: 'test', rounds: 1, samples: 2, missedRounds: 0 },
      { name: 'Bob', rounds: 1, samples: 2 },
    ]);
  });

  test('the run ends at its target: exported, scene.said once, and nothing opens any more', async () => {
    const pair = await twoVolunteers();
    for (let i = 0; i < 3; i++) await finishRound(pair);
    expect(scene.said).toEqual([
      'round 1 committed',
      'round 2 committed',
      'round 3 committed',
      'done 3 /export/3',
    ]);
    expect(coordinator.status().status).toMatchObject({ phase: 'finished', progress: 1 });
  });

  test('a version that cannot be stored costs the round and is told with what to do', async () => {
    const pair = await twoVolunteers();
    scene.blobs.put = () => Promise.reject(new Error('no space left'));
    await commitRound(pair, [1, 3]);
    expect(scene.said).toContain(
      'error: Round 1 could not be stored: no space left Check the disk of the run folder.',
    );
    expect(pair[0].last('abandoned')).toMatchObject({ round: 1, reason: 'commit-failed' });
    expect((await scene.store.load())?.head).toMatchObject({ round: 1, version: versionName(FIRST) });
  });

  test('a READY that came too late is not credited', async () => {
    const [ada, bob] = await twoVolunteers();
    const base = ada.last('round')?.manifest.base;
    ada.ready(2);
    await pass(90_000);
    bob.ready(2);
    expect(bob.last('refused')).toMatchObject({ reason: 'wrong-round' });
    const part = { part: 0, bytes: float32.encode(new Float32Array(6).fill(2)), contributors: [ada.peer] };
    for (const v of [ada, bob]) v.say({ type: 'reduced', round: 1, ...part });
    await settle();
    const version = ada.last('commit')?.version ?? '';
    expect(version).not.toBe(base);
    for (const v of [ada, bob]) v.say({ type: 'applied', round: 1, version, meshBytes: 0, resynced: false });
    let rows: unknown;
    coordinator.operator((snapshot) => (rows = snapshot.volunteers));
    expect(rows).toMatchObject([
      { rounds: 1, samples: 2, missedRounds: 0 },
      { rounds: 0, samples: 0, missedRounds: 1 },
    ]);
  });

  test('a round whose version is stored stands, also when old versions cannot be deleted', async () => {
    const target = { kind: 'rounds', amount: 50 } as const;
    const base = options();
    coordinator = await createCoordinator(options({ rules: { ...base.rules, target } }));
    scene.blobs.delete = () => Promise.reject(new Error('read-only disk'));
    const others = await twoVolunteers();
    for (let i = 0; i < 4; i++) await finishRound(others);
    expect(scene.said).toContain(
      'warning: Old versions could not be deleted: read-only disk Check the disk of the run folder.',
    );
    expect(scene.said.filter((s) => s.startsWith('round'))).toEqual(
      [1, 2, 3, 4].map((n) => `round ${n} committed`),
    );
    const stored = await scene.store.load();
    expect(stored?.head.version).toBe(others[0].last('commit')?.version);
    expect(others[0].last('round')?.manifest.base).toBe(stored?.head.version);
  });

  test('a version whose scoring takes longer than it would be kept stays on disk', async () => {
    const target = { kind: 'rounds', amount: 50 } as const;
    const base = options();
    let done: () => void = () => undefined;
    const scored = new Promise<void>((resolve) => (done = resolve));
    const scoring = {
      baselines: async () => ({ untrained: { knn: 0, probe: 0 }, pixels: { knn: 0, probe: 0 } }),
      async score() {
        await scored;
        return { knn: 1, probe: 1, testCount: 1, trainCount: 1, features: 'f', seconds: 0 };
      },
    };
    const rules = { ...base.rules, target };
    coordinator = await createCoordinator(options({ rules, scoring, noScores: null, scoreEvery: 1 }));
    const pair = await twoVolunteers();
    await finishRound(pair);
    const version = pair[0].last('commit')?.version ?? '';
    for (let i = 0; i < 5; i++) await finishRound(pair);
    done();
    await settle();
    expect((await scene.store.load())?.scores).toMatchObject([{ round: 1, version }]);
    expect(await scene.blobs.has(`${version}.safetensors`)).toBe(true);
  });

  test('only the last versions stay on disk, and those that were scored', async () => {
    const scoring = {
      baselines: async () => ({ untrained: { knn: 0, probe: 0 }, pixels: { knn: 0, probe: 0 } }),
      score: async () => ({ knn: 1, probe: 1, testCount: 1, trainCount: 1, features: 'f', seconds: 0 }),
    };
    const base = options();
    const target = { kind: 'rounds', amount: 50 } as const;
    const many = { info: { ...base.info, target }, rules: { ...base.rules, target } };
    coordinator = await createCoordinator(options({ ...many, scoring, noScores: null, scoreEvery: 4 }));
    const pair = await twoVolunteers();
    const versions: string[] = [];
    for (let i = 0; i < 9; i++) {
      await finishRound(pair);
      versions.push(pair[0].last('commit')?.version ?? '');
    }
    const kept = (await scene.blobs.list()).filter((name) => !name.startsWith('outer-'));
    const expected = [versionName(FIRST), versions[3], versions[7], ...versions.slice(-3)];
    expect(kept.sort()).toEqual([...new Set(expected)].map((v) => `${v ?? ''}.safetensors`).sort());
    expect(scene.said.filter((s) => s.startsWith('score'))).toEqual(['score 4', 'score 8']);
  });
});

describe('stopping and coming back', () => {
  test('a restart in mid-round goes on from the last version, with every example still to be had', async () => {
    const pair = await twoVolunteers();
    await finishRound(pair);
    const version = pair[0].last('commit')?.version;
    pair[0].ready(5);
    await coordinator.stop();
    coordinator = await createCoordinator(options());
    expect(coordinator.resumedAt).toBe(1);
    const [ada] = await twoVolunteers();
    expect(ada.last('round')?.manifest).toMatchObject({ round: 2, base: version });
    const seen = (await scene.store.load())?.leases as { free: { start: number; end: number }[] };
    expect(seen.free.reduce((sum, r) => sum + r.end - r.start, 0)).toBe(100 - 4);
  });

  test('a finished run says so again at once, and a larger target takes it up', async () => {
    const pair = await twoVolunteers();
    for (let i = 0; i < 3; i++) await finishRound(pair);
    await coordinator.stop();
    scene.said = [];
    coordinator = await createCoordinator(options());
    await settle();
    expect(scene.said).toEqual(['done 3 /export/3']);
    const base = options();
    const target = { kind: 'rounds', amount: 4 } as const;
    coordinator = await createCoordinator(
      options({ info: { ...base.info, target }, rules: { ...base.rules, target } }),
    );
    expect(coordinator.status().status.phase).toBe('waiting');
  });

  test('what cannot be exported is a failure with its sentence', async () => {
    coordinator = await createCoordinator(
      options({ exportModel: () => Promise.reject(new Error('disk full')) }),
    );
    const pair = await twoVolunteers();
    for (let i = 0; i < 3; i++) await finishRound(pair);
    expect(scene.said.at(-1)).toBe('failed: The encoder could not be exported: disk full');
  });
});

describe('the operator', () => {
  test('pauses, starts and exports; a finished run is not started', async () => {
    const desk = coordinator.operator(() => undefined);
    expect(await desk.command({ type: 'pause' })).toEqual({ ok: true });
    await twoVolunteers();
    expect(coordinator.status().status.phase).toBe('paused');
    expect((await scene.store.load())?.head.phase).toBe('paused');
    expect(await desk.command({ type: 'start' })).toEqual({ ok: true });
    expect(coordinator.status().status.phase).toBe('running');
    expect(await desk.command({ type: 'export' })).toEqual({ ok: true });
  });

  test('is told why a command failed', async () => {
    coordinator = await createCoordinator(
      options({ exportModel: () => Promise.reject(new Error('disk full')) }),
    );
    const answer = await coordinator.operator(() => undefined).command({ type: 'export' });
    expect(answer).toEqual({ ok: false, sentence: 'That did not work: disk full' });
  });

  test('sees changes at most twice a second, and none after it has left', async () => {
    let seen = 0;
    const desk = coordinator.operator(() => seen++);
    await twoVolunteers();
    expect(seen).toBe(1);
    await pass(500);
    expect(seen).toBe(2);
    desk.closed();
    await twoVolunteers();
    await pass(500);
    expect(seen).toBe(2);
  });
});
