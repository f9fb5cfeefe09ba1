import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { io as connect, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, it } from 'vitest';
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { OperatorCommand, OperatorSnapshot } from '@murmur/core/protocol/operator';
import type { CoordinatorPort, Send } from '../run/ports.ts';
import { fakeCoordinator } from './coordinator.fixture.ts';
import { noCounts } from './edgeCounts.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { attachSockets, type SocketEdge } from './sockets.ts';

const hello: VolunteerMessage = {
  type: 'hello',
  protocol: 1,
  name: 'Ada',
  host: 'headless',
};
const opened: (() => void)[] = [];
afterEach(() => opened.splice(0).forEach((close) => close()));

interface Scene {
  readonly received: VolunteerMessage[];
  readonly edge: SocketEdge;
  readonly url: string;
  /** Resolves when the coordinator was told that a conversation is over. */
  readonly closed: Promise<void>;
  readonly reply: Send;
  /** What the operator was told. */
  readonly warnings: readonly string[];
  /** Milliseconds that something waits for, with what it then does. */
  readonly timers: { readonly ms: number; readonly call: () => void }[];
}

/** A real server on loopback whose coordinator answers every message by a roster, so that tests can wait for it. */
async function scene(over: Partial<SocketEdge> = {}): Promise<Scene> {
  const received: VolunteerMessage[] = [];
  let tellClosed = () => undefined as void;
  const closed = new Promise<void>((resolve) => (tellClosed = resolve));
  let reply: Send = () => undefined;
  const warnings: string[] = [];
  const timers: Scene['timers'] = [];
  const coordinator: CoordinatorPort = fakeCoordinator({
    volunteer: (send, origin) => {
      expect(origin).toEqual({ address: '127.0.0.1', host: '127.0.0.1' });
      reply = send;
      return {
        receive: (message) => {
          received.push(message);
          send({ type: 'roster', volunteers: [] });
        },
        closed: tellClosed,
      };
    },
  });
  const edge: SocketEdge = {
    coordinator,
    joinToken: undefined,
    operatorToken: 'operator-secret',
    counts: noCounts(),
    limits: DEFAULT_LIMITS,
    now: () => 0,
    after: (ms, call) => void timers.push({ ms, call }),
    warn: (sentence) => warnings.push(sentence),
    ...over,
  };
  const http: HttpServer = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const io = attachSockets(http, edge);
  opened.push(() => void io.close());
  const { port } = http.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { received, edge, url, closed, warnings, timers, reply: (message) => reply(message) };
}

function client(url: string, options = {}): Socket {
  const socket = connect(url, { transports: ['websocket'], forceNew: true, reconnection: false, ...options });
  opened.push(() => void socket.close());
  return socket;
}

/** Sends and waits for the one message that answers it. */
function ask(socket: Socket, message: unknown): Promise<CoordinatorMessage> {
  const answer = new Promise<CoordinatorMessage>((resolve) => socket.once('message', resolve));
  socket.emit('message', message);
  return answer;
}

const event = (socket: Socket, name: string): Promise<unknown> =>
  new Promise((resolve) => socket.once(name, resolve));

const failure = (socket: Socket): Promise<Error> =>
  new Promise((resolve) => socket.once('connect_error', resolve));

describe('sockets of volunteers', () => {
  it('hands parsed messages on, binary as plain bytes, and tells when the socket is gone', async () => {
    const { url, received, closed } = await scene();
    const socket = client(url);
    expect(await ask(socket, hello)).toEqual({ type: 'roster', volunteers: [] });
    const reduced = {
      type: 'reduced',
      round: 1,
      part: 0,
      contributors: ['abcd'],
      bytes: Uint8Array.of(1, 2, 3),
    };
    const contribution = { type: 'contribution', round: 1, part: 0, bytes: Uint8Array.of(4, 5) };
    await ask(socket, reduced);
    await ask(socket, contribution);
    expect(received).toEqual([hello, reduced, contribution]);
    for (const message of received)
      if ('bytes' in message) expect(Object.getPrototypeOf(message.bytes)).toBe(Uint8Array.prototype);
    socket.close();
    await closed;
  });

  it('carries binary to a volunteer', async () => {
    const { url, reply } = await scene();
    const socket = client(url);
    await ask(socket, hello);
    const update = new Promise<CoordinatorMessage>((resolve) => socket.once('message', resolve));
    reply({ type: 'update', round: 1, part: 0, bytes: Uint8Array.of(9, 8) });
    const message = await update;
    expect(message.type === 'update' && [...message.bytes]).toEqual([9, 8]);
  });

  it.each([
    ['no object', 'hello'],
    ['nothing', undefined],
    ['null', null],
    ['a list', [1, 2]],
    ['an unknown type', { type: 'launch' }],
    ['a missing field', { type: 'hello', protocol: 1, name: 'x' }],
    ['a wrong field', { ...hello, protocol: 'one' }],
    ['bytes that are none', { type: 'relay', to: 'abcd', frame: 'text' }],
    ['a frame too large', { type: 'relay', to: 'abcd', frame: new Uint8Array(64 * 1024 + 1) }],
    ['something huge and deep', JSON.parse('['.repeat(500) + ']'.repeat(500))],
  ])('AG4: answers and counts %s, and goes on', async (_, malformed) => {
    const { url, received, edge } = await scene();
    const socket = client(url);
    const answer = await ask(socket, malformed);
    expect(answer).toMatchObject({ type: 'refused', reason: 'bad-message' });
    expect(edge.counts.malformed).toBe(1);
    await ask(socket, hello);
    expect(received).toEqual([hello]);
  });

  it('AG4: wants a hello first', async () => {
    const { url, received } = await scene();
    expect(await ask(client(url), { type: 'paused' })).toEqual({
      type: 'refused',
      reason: 'bad-message',
      detail: 'The first message must be a hello.',
    });
    expect(received).toEqual([]);
  });

  it('asks for the join token where there is one', async () => {
    const { url, received, edge } = await scene({ joinToken: 'let-me-in' });
    const socket = client(url);
    expect(await ask(socket, hello)).toEqual({ type: 'refused', reason: 'bad-token' });
    expect(await ask(socket, { ...hello, token: 'let-me-i' })).toEqual({
      type: 'refused',
      reason: 'bad-token',
    });
    expect(edge.counts.badTokens).toBe(2);
    expect(received).toEqual([]);
    await ask(socket, { ...hello, token: 'let-me-in' });
    expect(received).toHaveLength(1);
  });

  it('AG4: cuts off a message above the limit, and serves the others on', async () => {
    const { url, received } = await scene({ limits: { ...DEFAULT_LIMITS, maxMessageBytes: 10_000 } });
    const [greedy, other] = [client(url), client(url)];
    await ask(greedy, hello);
    const cut = event(greedy, 'disconnect');
    greedy.emit('message', { type: 'relay', to: 'abcd', frame: new Uint8Array(20_000) });
    await cut;
    await ask(other, hello);
    expect(received).toEqual([hello, hello]);
  });

  it('AG4: drops what comes too fast, says so once, and listens again later', async () => {
    let now = 0;
    const limits = { ...DEFAULT_LIMITS, messages: { burst: 3, perSecond: 1 } };
    const { url, received, edge } = await scene({ now: () => now, limits });
    const socket = client(url);
    const answers: CoordinatorMessage[] = [];
    socket.on('message', (message: CoordinatorMessage) => answers.push(message));
    for (let i = 0; i < 10; i++) socket.emit('message', hello);
    await ask(socket, { type: 'relay', to: 'abcd', frame: Uint8Array.of(1) });
    expect(received.map((m) => m.type)).toEqual(['hello', 'hello', 'hello', 'relay']);
    expect(edge.counts.rateLimited).toBe(7);
    expect(answers.filter((m) => m.type === 'refused')).toEqual([
      expect.objectContaining({ reason: 'bad-message', detail: expect.stringContaining('slow down') }),
    ]);
    now = 1000;
    await ask(socket, { type: 'leave' });
    expect(received.at(-1)).toEqual({ type: 'leave' });
  });

  it('AG4: drops relay frames for a volunteer that does not keep up with them, says so once, and nothing else', async () => {
    const { url, reply, edge, warnings } = await scene({
      limits: { ...DEFAULT_LIMITS, maxWaitingFrames: 10 },
    });
    const socket = client(url);
    await ask(socket, hello);
    let frames = 0;
    const last = new Promise<void>((resolve) => {
      socket.on('message', ({ type }: CoordinatorMessage) => {
        if (type === 'relay') frames++;
        else resolve();
      });
    });
    const relay = () => reply({ type: 'relay', from: 'abcd', frame: new Uint8Array(1_000) });
    const sent = Promise.all(Array.from({ length: 100 }, relay));
    reply({ type: 'roster', volunteers: [] });
    await last;
    expect(frames + edge.counts.relayDropped).toBe(100);
    expect(frames).toBeGreaterThanOrEqual(10);
    expect(frames).toBeLessThan(15);
    expect((await sent).filter((was) => was === false)).toHaveLength(edge.counts.relayDropped);
    expect(edge.counts.relayDroppedBytes).toBe(1_000 * edge.counts.relayDropped);
    expect(warnings).toEqual([expect.stringMatching(/127\.0\.0\.1 does not read what is relayed to it/)]);
  });

  it('LK6: whoever relays to a volunteer that reads slowly waits, and loses nothing', async () => {
    const { url, reply, edge } = await scene();
    const socket = client(url);
    await ask(socket, hello);
    let frames = 0;
    const all = new Promise<void>((resolve) => socket.on('message', () => ++frames === 300 && resolve()));
    const relay = () => reply({ type: 'relay', from: 'abcd', frame: new Uint8Array(60_000) });
    let waited = 0;
    for (let i = 0; i < 300; i++) {
      const sent = relay();
      const now = await Promise.race([sent, Promise.resolve('later')]);
      if (now === 'later') waited++;
      expect(await sent).toBe(true);
    }
    await all;
    expect([edge.counts.relayDropped, waited < 300]).toEqual([0, true]);
  });

  it('LK6: relay frames are acknowledged as the rate allows; who does not wait is dropped, counted and told', async () => {
    const limits = { ...DEFAULT_LIMITS, relayBytes: { burst: 100_000, perSecond: 50_000 } };
    const { url, received, edge, timers, warnings } = await scene({ limits });
    const socket = client(url);
    const refused = new Promise<CoordinatorMessage>((resolve) =>
      socket.on('message', (m: CoordinatorMessage) => m.type === 'refused' && resolve(m)),
    );
    await ask(socket, hello);
    const relay = () =>
      socket.emitWithAck('message', { type: 'relay', to: 'abcd', frame: new Uint8Array(50_000) });
    expect([await relay(), await relay()]).toEqual([true, true]);
    const late = [relay(), relay()];
    expect([await relay(), await relay()]).toEqual([false, false]);
    expect(timers.map(({ ms }) => ms)).toEqual([1_000, 2_000]);
    timers.forEach(({ call }) => call());
    expect(await Promise.all(late)).toEqual([true, true]);
    expect(received).toHaveLength(5);
    expect(edge.counts).toMatchObject({ relayDropped: 2, relayDroppedBytes: 100_000, rateLimited: 0 });
    expect(warnings).toEqual([expect.stringMatching(/relays more than 0\.0 MiB a second and does not wait/)]);
    expect(await refused).toMatchObject({
      reason: 'bad-message',
      detail: expect.stringMatching(/slow down/),
    });
  });

  it('LK6: small relay frames count as 8 KiB, and what is no frame at all does, too', async () => {
    const limits = { ...DEFAULT_LIMITS, relayBytes: { burst: 3 * 8192, perSecond: 1 } };
    const { url, edge, timers } = await scene({ limits });
    const socket = client(url);
    await ask(socket, hello);
    const relays = [new Uint8Array(1), 'text', undefined].map((frame) =>
      socket.emitWithAck('message', { type: 'relay', to: 'abcd', frame }),
    );
    await Promise.all(relays);
    void socket.emit('message', { type: 'relay', to: 'abcd', frame: Uint8Array.of(1) });
    await ask(socket, { type: 'leave' });
    expect([timers.length, edge.counts.malformed]).toEqual([1, 2]);
  });

  it('AG4: takes so many sockets from one address and no more, until one goes', async () => {
    const limits = { ...DEFAULT_LIMITS, maxSocketsPerAddress: 2 };
    const { url, edge, closed, warnings } = await scene({ limits });
    const [first, second] = [client(url), client(url)];
    await Promise.all([ask(first, hello), ask(second, hello)]);
    expect((await failure(client(url))).message).toMatch(
      /^2 volunteers are connected from your address.*--max-per-address/,
    );
    await failure(client(url));
    expect(edge.counts.tooManySockets).toBe(2);
    // The operator is told once, however often they try.
    expect(warnings).toEqual([
      expect.stringMatching(/^A volunteer was turned away: 2 .* 127\.0\.0\.1, .*--max-per-address/),
    ]);
    first.close();
    await closed;
    await ask(client(url), hello);
  });
});

describe('sockets of operators', () => {
  const snapshot: OperatorSnapshot = {
    run: fakeCoordinator().status().run,
    status: fakeCoordinator().status().status,
    joinUrls: ['http://10.0.0.1:7600/'],
    startedAtMs: null,
    nowMs: 5,
    samplesDone: 0,
    open: null,
    volunteers: [],
    rounds: [],
    scores: [],
    noScores: 'The data set has no labels.',
    map: null,
    coverage: { epoch: 0, share: 0, examples: 0 },
    alerts: [],
    exportPath: null,
    bans: [],
  };
  const commands: OperatorCommand[] = [];
  const coordinator = fakeCoordinator({
    operator: (push) => {
      queueMicrotask(() => push(snapshot));
      return {
        command: async (command) => {
          commands.push(command);
          if (command.type === 'export') throw new Error('The disk is full.');
          return { ok: true };
        },
        closed: () => undefined,
      };
    },
  });

  it.each([undefined, '', 'wrong', 5, { token: 'operator-secret' }])(
    'AG4: turns the token %j away',
    async (token) => {
      const { url, edge } = await scene({ coordinator });
      const error = await failure(client(`${url}/operator`, { auth: { token } }));
      expect(error.message).toContain('operator token is missing or wrong');
      expect(edge.counts.badTokens).toBe(1);
    },
  );

  it('pushes snapshots and answers commands, those it does not know and those that fail too', async () => {
    const { url } = await scene({ coordinator });
    const socket = client(`${url}/operator`, { auth: { token: 'operator-secret' } });
    expect(await event(socket, 'snapshot')).toEqual(snapshot);
    expect(await socket.emitWithAck('command', { type: 'pause' })).toEqual({ ok: true });
    expect(commands).toEqual([{ type: 'pause' }]);
    expect(await socket.emitWithAck('command', { type: 'rm -rf' })).toMatchObject({ ok: false });
    expect(await socket.emitWithAck('command', { type: 'export' })).toEqual({
      ok: false,
      sentence: 'The disk is full.',
    });
    socket.emit('command', { type: 'start' });
    expect(await socket.emitWithAck('command', { type: 'start' })).toEqual({ ok: true });
  });
});
