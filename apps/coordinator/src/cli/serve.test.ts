import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DatasetManifest } from '@murmur/core/data/manifest';
import { fakeCoordinator } from '../edge/coordinator.fixture.ts';
import { listen } from '../edge/listen.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import { jsonAnnouncer, type DoneFacts } from '../observe/announcer.ts';
import { memoryBlobStore } from '../store/memoryBlobStore.ts';
import { memoryRunStore } from '../store/memoryRunStore.ts';
import { isLocked } from '../store/lock.ts';
import type { RunRequest } from './liveRun.ts';
import { resolveOptions, type ServeOptions } from './resolveOptions.ts';
import { serve, type ServeContext, type ServeParts } from './serve.ts';

const manifest: DatasetManifest = {
  format: 'murmur-dataset-1',
  name: 'glyphs',
  side: 32,
  channels: 3,
  patch: 4,
  mean: [0.5, 0.5, 0.5],
  std: [0.2, 0.2, 0.2],
  seed: 0,
  shards: [{ hash: 'a'.repeat(64), count: 100, bytes: 10 }],
};
const report: IngestReport = {
  manifest,
  counts: { training: 100, evaluation: 10, skipped: 0 },
  skipped: [],
  labelled: true,
  notes: [],
  reused: false,
};
const doneFacts: DoneFacts = { rounds: 3, version: 'b'.repeat(64), export: '/somewhere/export' };

let cwd = '';
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'murmur-serve-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** `serve` with real edges on loopback and a run that ends when the test says so. */
function stage(flags: Record<string, unknown> = {}, over: Partial<ServeParts> = {}, objective?: string) {
  const log: string[] = [];
  const events: Record<string, unknown>[] = [];
  const stop = new AbortController();
  let finish: (facts: DoneFacts) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  let onReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (onReady = resolve));
  let onVolunteer: () => void = () => undefined;
  const volunteerStarted = new Promise<void>((resolve) => (onVolunteer = resolve));
  const requests: RunRequest[] = [];
  const parts: ServeParts = {
    ingest: async () => report,
    openDataset: async () => ({ manifest, shardPath: () => undefined, evaluation: async () => undefined }),
    openStore: async () => ({ ...memoryRunStore(), close: async () => void log.push('store closed') }),
    openBlobs: async () => memoryBlobStore(),
    openRun: async (request) => {
      requests.push(request);
      const done = new Promise<DoneFacts>((resolve, reject) => ([finish, fail] = [resolve, reject]));
      done.catch(() => undefined);
      const stopRun = async () => void log.push('run stopped');
      const alert = (_level: string, sentence: string) => void log.push(`alert: ${sentence}`);
      return { port: fakeCoordinator(), resumedAt: 0, started: true, done, alert, stop: stopRun };
    },
    listen,
    startVolunteer: (args) => {
      log.push(`volunteer started: ${args.slice(1).join(' ')}`);
      onVolunteer();
      let onEnd: (sentence: string | undefined) => void = () => undefined;
      const stopVolunteer = () => {
        log.push('volunteer stopped');
        onEnd(undefined);
      };
      return { onEnd: (call) => (onEnd = call), stop: stopVolunteer, kill: () => undefined };
    },
    ...over,
  };
  const emit = (text: string) => {
    events.push(JSON.parse(text));
    if (events.at(-1)?.['event'] === 'ready') onReady();
  };
  const context: ServeContext = {
    cwd,
    clientDir: join(cwd, 'dist'),
    isTerminal: false,
    announcer: jsonAnnouncer(emit, (text) => void log.push(text.trim())),
    ingestReporter: () => ({ update: () => undefined, stop: () => undefined }),
    log: { debug: () => undefined, warn: () => undefined, error: () => undefined },
    interrupted: stop.signal,
    clock: { wallMs: () => 0, now: () => 0, after: () => () => undefined },
  };
  const defaults = { port: '0', host: '127.0.0.1', volunteers: '2', json: true };
  const resolved = resolveOptions({ flags: { ...defaults, ...flags }, env: {}, file: undefined });
  const options = { ...resolved, ...(objective && { objective: objective as ServeOptions['objective'] }) };
  return {
    log,
    events,
    requests,
    ready,
    volunteerStarted,
    interrupt: () => stop.abort(),
    finish: () => finish(doneFacts),
    fail: (error: Error) => fail(error),
    ended: serve(options, parts, context),
    dir: join(cwd, '.murmur', 'glyphs-mae-nano'),
  };
}

describe('serve', () => {
  it('gets ready, starts its volunteers, and with --once ends well, everything undone in order', async () => {
    const s = stage({ once: true });
    await s.ready;
    s.finish();
    expect(await s.ended).toBe(0);
    expect(s.events.map((e) => e['event'])).toEqual(['data', 'ready', 'done']);
    expect(s.events[2]).toEqual({ event: 'done', ...doneFacts });
    expect(s.log).toEqual([
      'volunteer started: --name local 1',
      'volunteer started: --name local 2',
      'volunteer stopped',
      'volunteer stopped',
      'run stopped',
      'store closed',
    ]);
    expect(await isLocked(s.dir)).toBe(false);
  });

  it('tells addresses that answer, and none after the end', async () => {
    const s = stage({ once: true, joinToken: 'sesame' });
    await s.ready;
    const ready = s.events[1] as { port: number; urls: { join: string[]; operator: string }; tokens: object };
    expect(ready.urls.join).toEqual([`http://127.0.0.1:${ready.port}/#join=sesame`]);
    expect(ready.urls.operator).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/operator#token=[0-9a-f]{32}$/);
    expect(ready.tokens).toMatchObject({ join: 'sesame' });
    expect(s.requests[0]?.joinUrls()).toEqual(ready.urls.join);
    expect(s.requests[0]?.stunUrls('127.0.0.1')).toEqual([`stun:127.0.0.1:${ready.port}`]);
    const health = await fetch(`http://127.0.0.1:${ready.port}/api/health`);
    expect(await health.json()).toMatchObject({ ok: true });
    s.finish();
    await s.ended;
    await expect(fetch(`http://127.0.0.1:${ready.port}/api/health`)).rejects.toThrow('fetch failed');
  });

  it('AG4: lets in as many from one address as it is told', async () => {
    const limits: number[] = [];
    const s = stage(
      { once: true, maxPerAddress: '300' },
      {
        listen: (options) => {
          limits.push(options.limits.maxSocketsPerAddress);
          return listen(options);
        },
      },
    );
    await s.ready;
    s.finish();
    await s.ended;
    expect(limits).toEqual([300]);
  });

  it('keeps serving after its end until it is interrupted', async () => {
    const s = stage();
    await s.ready;
    s.finish();
    s.interrupt();
    expect(await s.ended).toBe(130);
  });

  it('stops the run before anything else when it is interrupted', async () => {
    const s = stage({ volunteers: '1' });
    await s.volunteerStarted;
    s.log.length = 0;
    s.interrupt();
    expect(await s.ended).toBe(130);
    expect(s.log).toEqual(['run stopped', 'volunteer stopped', 'run stopped', 'store closed']);
    expect(existsSync(s.dir)).toBe(true);
  });

  it('fails with the sentence of a run that cannot end, having undone everything', async () => {
    const s = stage({ once: true, volunteers: '0' });
    await s.ready;
    s.fail(new Error('The encoder could not be exported: the disk is full.'));
    await expect(s.ended).rejects.toThrow('the disk is full');
    expect(s.log).toEqual(['run stopped', 'store closed']);
    expect(await isLocked(s.dir)).toBe(false);
  });

  it('frees the folder again when the data cannot be read', async () => {
    const ingest = () => Promise.reject(new Error('nowhere does not exist'));
    const s = stage({ data: 'nowhere' }, { ingest });
    await expect(s.ended).rejects.toThrow('nowhere does not exist');
    expect(await isLocked(join(cwd, '.murmur', 'nowhere-mae-nano'))).toBe(false);
  });

  it('names --port when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const s = stage({ port: String(port) });
    await expect(s.ended).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(new RegExp(`^Port ${port} is taken on this machine: .*--port`)),
    });
    expect(s.log).toEqual(['run stopped', 'store closed']);
    other.close();
  });

  it('SH3: asks for labels in the shards, and says so, only where the objective is supervised', async () => {
    const asked: (boolean | undefined)[] = [];
    const ingest: ServeParts['ingest'] = async ({ withLabels }) => {
      asked.push(withLabels);
      return withLabels ? { ...report, manifest: { ...manifest, classCount: 10 } } : report;
    };
    const said: string[][] = [];
    for (const objective of ['mae', 'simclr', 'supervised']) {
      const s = stage({ once: true, volunteers: '0' }, { ingest }, objective);
      await s.ready;
      s.finish();
      await s.ended;
      said.push(s.log.filter((line) => line.includes('labels')));
    }
    expect(asked).toEqual([false, false, true]);
    const sentence =
      'murmur: The labels of the training pictures are leased to volunteers, because --objective';
    expect(said).toEqual([[], [], [expect.stringContaining(sentence)]]);
  });

  it('SH3: serves nothing of data whose labels are not what the objective asks for', async () => {
    const leaking: Partial<ServeParts> = {
      ingest: async () => ({ ...report, manifest: { ...manifest, classCount: 10 } }),
    };
    await expect(stage({}, leaking).ended).rejects.toThrow('expected shards with no labels');
    await expect(stage({}, {}, 'supervised').ended).rejects.toThrow('expected shards with labels');
  });
});
