import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROTOCOL_VERSION } from '@murmur/core/protocol/version';
import { io } from 'socket.io-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startJson, type JsonProcess } from '../support/jsonProcess.ts';

const CREDENTIAL = 'hush-c0ffee-4711';
let folder: string;
let coordinator: JsonProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'murmur-turn-'));
});
afterEach(async () => {
  await coordinator.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** What the coordinator answers to a volunteer's first word. */
const welcomeOf = (origin: string): Promise<{ type: string; iceServers?: unknown }> =>
  new Promise((resolve, reject) => {
    const socket = io(origin, { transports: ['websocket'], forceNew: true, reconnection: false });
    socket.on('connect_error', reject);
    socket.once('message', (message: { type: string }) => {
      socket.close();
      resolve(message);
    });
    socket.emit('message', { type: 'hello', protocol: PROTOCOL_VERSION, name: 'Ada', host: 'headless' });
  });

test('LK2: a volunteer is welcomed with our STUN and the named TURN server, whose credential shows nowhere else', async () => {
  const args = ['--host', '127.0.0.1', '--port', '0', '--volunteers', '0', '--paused', '--json'];
  const turn = ['--turn', 'turn:10.1.2.3:3478', '--turn-username', 'murmur', '--log-level', 'debug'];
  coordinator = startJson(
    'apps/coordinator/src/main.ts',
    ['serve', ...args, ...turn, '--run-dir', join(folder, 'run')],
    { env: { MURMUR_TURN_CREDENTIAL: CREDENTIAL } },
  );
  const ready = await coordinator.until(({ event }) => event === 'ready');
  const origin = `http://127.0.0.1:${String(ready['port'])}`;
  expect(await welcomeOf(origin)).toMatchObject({
    type: 'welcome',
    iceServers: [
      { urls: `stun:127.0.0.1:${String(ready['port'])}` },
      { urls: 'turn:10.1.2.3:3478', username: 'murmur', credential: CREDENTIAL },
    ],
  });
  const pages = ['/api/run', '/api/rounds', '/api/health'];
  const shown = await Promise.all(pages.map(async (path) => (await fetch(origin + path)).text()));
  // Linux only: elsewhere the arguments, which are all that a list of processes shows, are those of above.
  const line = `/proc/${coordinator.child.pid}/cmdline`;
  const listed = existsSync(line) ? readFileSync(line, 'utf8') : '';
  await coordinator.kill('SIGINT');
  const all = [JSON.stringify(coordinator.events), coordinator.errors(), listed, ...shown].join('\n');
  expect(all).not.toContain(CREDENTIAL);
  expect(readFileSync(join(folder, 'run', 'run.sqlite'), 'latin1')).not.toContain(CREDENTIAL);
});
