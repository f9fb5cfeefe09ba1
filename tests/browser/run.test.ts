import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinPage, startChromium, untilHolds } from '../support/browser.ts';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';
import { operate, type Operator } from '../support/operator.ts';

/*
 * One real run: a coordinator, three pages in Chromium and a headless volunteer over real WebRTC on plain http.
 * The cases are the acts of one story and follow each other.
 */
const MINUTES = 60_000;

let dir: string;
let browser: Browser;
let coordinator: JsonProcess;
let headless: JsonProcess;
let url: string;
let port: string;
let operator: Operator;
let pages: Page[] = [];

const serve = (at: string): JsonProcess =>
  startJson('apps/coordinator/src/main.ts', [
    'serve',
    '--data',
    'glyphs',
    '--rounds',
    '500',
    '--volunteers',
    '0',
    '--min-volunteers',
    '4',
    '--inner-steps',
    '2',
    '--batch-size',
    '16',
    '--score-every',
    '0',
    '--eval-samples',
    '64',
    '--port',
    at,
    '--run-dir',
    join(dir, 'run'),
    '--json',
  ]);

const committed = (run: JsonProcess, fits: (round: Round) => boolean) =>
  run.until(
    (e) => e.event === 'round' && e['reason'] === undefined && fits(e as unknown as Round),
  ) as unknown as Promise<Round>;

interface Round {
  readonly round: number;
  readonly version: string;
  readonly loss: number;
  readonly volunteers: number;
  readonly meshBytes: number;
  readonly relayBytes: number;
}

const roundsOf = (run: JsonProcess) => run.events.filter((e) => e.event === 'round') as unknown as Round[];

/** Starts the coordinator and the operator's channel to it. */
async function open(at: string): Promise<void> {
  coordinator = serve(at);
  const ready = await coordinator.until((e) => e.event === 'ready');
  port = String(ready['port']);
  url = `http://127.0.0.1:${port}/`;
  operator?.close();
  operator = operate(url, (ready['tokens'] as { operator: string }).operator);
}

/** Brings the open round home and checks that everybody holds the version it made. */
async function expectAgreement(): Promise<string> {
  expect(await operator.command('pause')).toEqual({ ok: true });
  const { status } = await operator.until((s) => s.status.phase === 'paused' && s.open === null);
  await Promise.all(pages.map((page) => untilHolds(page, status.version)));
  await headless.until((e) => e.event === 'version' && e['version'] === status.version);
  expect(roundsOf(coordinator).at(-1)?.version).toBe(status.version);
  return status.version;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-browser-'));
  browser = await startChromium();
  await open('0');
  headless = startJson('apps/client/src/headless/main.ts', [
    url,
    '--json',
    '--name',
    'headless',
    '--cache',
    join(dir, 'cache'),
  ]);
}, 3 * MINUTES);

afterAll(async () => {
  await browser?.close();
  operator?.close();
  await headless?.kill('SIGTERM');
  await coordinator?.kill('SIGTERM');
  await rm(dir, { recursive: true, force: true });
});

test(
  'VS1 VS2: three pages and a headless volunteer train together: one version on all five, over the mesh',
  { timeout: 5 * MINUTES },
  async () => {
    pages = await Promise.all(['Anna', 'Bert', 'Cleo'].map((name) => joinPage(browser, url, name)));
    await committed(coordinator, (r) => r.round >= 3 && r.volunteers === 4);
    await committed(coordinator, (r) => r.round >= 6);
    await expectAgreement();
    const rounds = roundsOf(coordinator);
    expect(rounds.every((r) => r.relayBytes === 0)).toBe(true);
    expect(rounds.every((r) => r.meshBytes > 0)).toBe(true);
    expect(rounds.at(-1)?.loss).toBeLessThan(rounds[0]?.loss ?? 0);
  },
);

test(
  'RD4 RD9: a page is closed in mid-round and another joins late, and the run goes on',
  { timeout: 5 * MINUTES },
  async () => {
    const before = roundsOf(coordinator).length;
    await operator.command('start');
    await operator.until((s) => s.open?.phase === 'training');
    const cleo = pages.pop() as Page;
    await cleo.context().close();
    pages.push(await joinPage(browser, url, 'Dora'));
    const after = await committed(coordinator, (r) => r.round > before + 1 && r.volunteers === 4);
    const names = (await operator.until((s) => s.volunteers.length === 4)).volunteers.map((v) => v.name);
    expect(names.sort()).toEqual(['Anna', 'Bert', 'Dora', 'headless']);
    expect(after.meshBytes).toBeGreaterThan(0);
    await expectAgreement();
  },
);

test(
  'VS1: the coordinator is killed in mid-round and started again, and all go on from the last version',
  { timeout: 5 * MINUTES },
  async () => {
    await operator.command('start');
    await committed(coordinator, (r) => r.round > roundsOf(coordinator).length - 1);
    await operator.until((s) => s.open?.phase === 'training');
    await coordinator.kill('SIGKILL');
    const before = roundsOf(coordinator).at(-1) as Round;
    await open(port);
    const { status } = await operator.until(() => true);
    expect(status.round).toBeGreaterThanOrEqual(before.round);
    const next = await committed(coordinator, (r) => r.volunteers === 4);
    expect(next.round).toBe(status.round + 1);
    await committed(coordinator, (r) => r.round >= next.round + 2);
    await expectAgreement();
  },
);
