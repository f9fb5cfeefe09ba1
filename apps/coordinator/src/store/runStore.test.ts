import { createClient } from '@libsql/client';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { memoryRunStore } from './memoryRunStore.ts';
import type { RunHead, RunStore } from './runStore.ts';
import { sqliteRunStore } from './sqliteRunStore.ts';

const hex = (digit: string) => digit.repeat(64);
const head: RunHead = {
  run: 'run1',
  round: 0,
  version: hex('a'),
  samplesDone: 0,
  trainedMs: 0,
  phase: 'running',
};
const record = (round: number, over: Partial<RoundRecord> = {}): RoundRecord => ({
  round,
  version: hex('b'),
  loss: 0.5,
  volunteers: 2,
  samples: 128,
  samplesPerSecond: 31.5,
  meshBytes: 1000,
  relayBytes: 0,
  coordinatorBytes: 500,
  durationMs: 4000,
  exchangeMs: 300,
  steps: 2,
  missingParts: 0,
  reason: null,
  ...over,
});
const score = (round: number, probe: number): ScoreRecord => ({
  round,
  version: hex('b'),
  knn: 0.6,
  probe,
  baselines: { untrained: { knn: 0.5, probe: 0.5 }, pixels: { knn: 0.4, probe: 0.4 } },
  testCount: 100,
  trainCount: 1000,
  features: 'mean of patches',
  seconds: 1.5,
});
const config = { preset: 'nano', nested: { list: [1, 'two', null] } };

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-store-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const implementations: [string, () => Promise<RunStore>][] = [
  ['memory', async () => memoryRunStore()],
  ['sqlite', () => sqliteRunStore(join(dir, 'run.sqlite'))],
];

describe.each(implementations)('run store contract: %s', (_, open) => {
  let store: RunStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  it('is empty at first and refuses writes until a run is created', async () => {
    expect(await store.load()).toBeUndefined();
    await expect(store.commit(head, record(1), {})).rejects.toThrow('holds no run');
    await expect(store.setPhase('paused')).rejects.toThrow('holds no run');
    await expect(store.addScore(score(0, 0.5))).rejects.toThrow('holds no run');
    expect(await store.load()).toBeUndefined();
  });

  it('gives back what it was given', async () => {
    await store.create(config, head, { epoch: 0, taken: [1, 2] });
    const next: RunHead = { ...head, round: 1, version: hex('b'), samplesDone: 128, trainedMs: 3999.5 };
    await store.commit(next, record(1), { epoch: 0, taken: [] });
    await store.addScore(score(1, 0.7));
    expect(await store.load()).toEqual({
      config,
      head: next,
      leases: { epoch: 0, taken: [] },
      records: [record(1)],
      scores: [score(1, 0.7)],
      bans: [],
    });
  });

  it('AG5: keeps the last ban of a volunteer until it is lifted', async () => {
    const ban = { peer: 'anna', name: 'Anna', round: 3, sentence: 'It lied.' };
    await store.create(config, head, { epoch: 0 });
    await store.addBan({ ...ban, round: 1 });
    await store.addBan(ban);
    await store.addBan({ ...ban, peer: 'bert' });
    await store.liftBan('bert');
    await store.liftBan('nobody');
    expect((await store.load())?.bans).toEqual([ban]);
  });

  it('replaces the record of a committed round by its final figures', async () => {
    await store.create(config, head, { epoch: 0 });
    await store.commit({ ...head, round: 1 }, record(1), { epoch: 1 });
    const final = record(1, { meshBytes: 4321 });
    await store.amend({ ...head, round: 1, trainedMs: 77 }, final);
    expect(await store.load()).toMatchObject({
      head: { trainedMs: 77 },
      leases: { epoch: 1 },
      records: [final],
    });
  });

  it('creates one run only', async () => {
    await store.create(config, head, {});
    await expect(store.create({ other: true }, head, {})).rejects.toThrow('holds a run already');
    expect((await store.load())?.config).toEqual(config);
  });

  it('records an abandoned round without moving the version', async () => {
    await store.create(config, head, {});
    const abandoned = record(1, { version: head.version, loss: null, reason: 'no-contribution' });
    await store.commit({ ...head, round: 1 }, abandoned, {});
    const stored = await store.load();
    expect(stored?.head).toEqual({ ...head, round: 1 });
    expect(stored?.records).toEqual([abandoned]);
  });

  it('refuses a round a second time and changes nothing, head and leases included', async () => {
    await store.create(config, head, {});
    await store.commit({ ...head, round: 1 }, record(1), { taken: 1 });
    const before = await store.load();
    const again = store.commit({ ...head, round: 1, version: hex('c') }, record(1, { loss: 9 }), {
      taken: 2,
    });
    await expect(again).rejects.toThrow('Round 1 is in the store already');
    expect(await store.load()).toEqual(before);
  });

  it('changes the phase alone', async () => {
    await store.create(config, head, {});
    await store.setPhase('finished');
    expect((await store.load())?.head).toEqual({ ...head, phase: 'finished' });
  });

  it('keeps the last score of a round, in order of rounds', async () => {
    await store.create(config, head, {});
    await store.addScore(score(10, 0.8));
    await store.addScore(score(2, 0.6));
    await store.addScore(score(2, 0.65));
    expect((await store.load())?.scores).toEqual([score(2, 0.65), score(10, 0.8)]);
  });

  it('keeps intervals beside scores that were taken without', async () => {
    await store.create(config, head, {});
    const interval = { low: 0.6, high: 0.7 };
    const newer = {
      ...score(4, 0.65),
      intervals: { knn: interval, probe: interval },
      token: 'mean' as const,
    };
    await store.addScore(score(2, 0.6));
    await store.addScore(newer);
    expect((await store.load())?.scores).toEqual([score(2, 0.6), newer]);
  });
});

describe('sqlite run store', () => {
  const path = () => join(dir, 'run with spaces#1.sqlite');

  it('survives being closed and opened, with rounds in numeric order', async () => {
    const first = await sqliteRunStore(path());
    await first.create(config, head, {});
    for (const round of [1, 2, 10]) await first.commit({ ...head, round }, record(round), {});
    await first.close();
    const second = await sqliteRunStore(path());
    const stored = await second.load();
    await second.close();
    expect(stored?.head.round).toBe(10);
    expect(stored?.records.map((r) => r.round)).toEqual([1, 2, 10]);
  });

  it('is readable by another process while it is open, because of the write-ahead log', async () => {
    const store = await sqliteRunStore(path());
    await store.create(config, head, {});
    const reader = createClient({ url: pathToFileURL(path()).href });
    expect((await reader.execute('PRAGMA journal_mode')).rows[0]?.['journal_mode']).toBe('wal');
    expect((await reader.execute('SELECT round FROM run')).rows[0]?.['round']).toBe(0);
    reader.close();
    await store.close();
  });

  it('says what to do about a file of another version', async () => {
    const client = createClient({ url: pathToFileURL(path()).href });
    await client.execute('PRAGMA user_version = 7');
    client.close();
    await expect(sqliteRunStore(path())).rejects.toThrow(/store 7, expected 1.*--fresh/);
  });

  it('says what to do about a file that is no database', async () => {
    await writeFile(path(), 'not a database at all, '.repeat(100));
    await expect(sqliteRunStore(path())).rejects.toThrow(/is not a run store of murmur.*--fresh/);
  });
});
