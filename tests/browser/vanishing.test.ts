import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoundRecord } from '@murmur/core/protocol/run';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { joinPage, startChromium, untilHolds } from '../support/browser.ts';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';
import { operate, type Operator } from '../support/operator.ts';

/* Five pages: while parts are reduced two are closed and one hangs, each of them in charge of a part. */
const MINUTES = 60_000;
/** The reduce budget, which none of them keeps. */
const REDUCE_MS = 20_000;
const NAMES = ['Anna', 'Bert', 'Cleo', 'Dora', 'Emil'] as const;

let dir: string;
let browser: Browser;
let coordinator: JsonProcess;
let operator: Operator;
let address: string;
const pages = new Map<string, Page>();
const page = (name: (typeof NAMES)[number]): Page => pages.get(name) as Page;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'murmur-vanishing-'));
  browser = await startChromium();
  coordinator = startJson('apps/coordinator/src/main.ts', [
    ...['serve', '--data', 'glyphs', '--rounds', '500', '--volunteers', '0', '--min-volunteers', '5'],
    ...['--preset', 'nano', '--inner-steps', '6', '--batch-size', '8', '--score-every', '0'],
    ...['--eval-samples', '64', '--port', '0', '--run-dir', join(dir, 'run'), '--json'],
  ]);
  const ready = await coordinator.until((e) => e.event === 'ready');
  const url = `http://127.0.0.1:${String(ready['port'])}/`;
  const { operator: token } = ready['tokens'] as { operator: string };
  operator = operate(url, token);
  address = `${url}operator#token=${token}`;
  for (const name of NAMES) pages.set(name, await joinPage(browser, url, name));
}, 2 * MINUTES);

afterAll(async () => {
  operator?.close();
  await browser?.close();
  await coordinator?.kill('SIGTERM');
  await rm(dir, { recursive: true, force: true });
});

/** Puts a breakpoint where this page next gives its worker a round to train; nothing of the page goes on after it but its workers. */
async function haltAtNextRound(stalled: Page): Promise<void> {
  const debugging = await stalled.context().newCDPSession(stalled);
  await debugging.send('Debugger.enable');
  await stalled.evaluate(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (this: Worker, message: unknown, ...rest: unknown[]) {
      const { path } = message as { path?: readonly string[] };
      if (path?.includes('divide')) debugger;
      Reflect.apply(postMessage, this, [message, ...rest]);
    } as typeof postMessage;
  });
}

test(
  'RD4 RD7 RD9: the round commits within its budget, survivors agree, and the operator reads who was missing',
  { timeout: 4 * MINUTES },
  async () => {
    await operator.until((s) => s.rounds.some((r) => r.volunteers === NAMES.length));
    await haltAtNextRound(page('Emil'));
    const halted = await operator.until(
      ({ open }) => open?.phase === 'reducing' && open.members === NAMES.length && open.ready < open.members,
    );
    const round = halted.open?.round ?? 0;
    await Promise.all([page('Anna').context().close(), page('Bert').context().close()]);

    const isTold = (r: RoundRecord) => r.round === round && r.reason === null && r.missing?.includes('Emil');
    const after = await operator.until((s) => s.rounds.some(isTold));
    const record = after.rounds.find(isTold);
    expect(record?.missingParts).toBe(0);
    expect(record?.exchangeMs).toBeLessThan(2 * REDUCE_MS);
    for (const name of ['Cleo', 'Dora'] as const) await untilHolds(page(name), record?.version ?? '');

    const dashboard = await (await browser.newContext()).newPage();
    await dashboard.goto(address);
    await dashboard
      .getByText(/without .*Emil/)
      .first()
      .waitFor();
  },
);
