import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { hostClock } from '@murmur/client/host/hostClock';
import { createSocketControl } from '@murmur/client/host/socketControl';
import { fakeCoordinator } from '@murmur/coordinator/edge/coordinator.fixture';
import { noCounts } from '@murmur/coordinator/edge/edgeCounts';
import { DEFAULT_LIMITS, type SocketLimits } from '@murmur/coordinator/edge/limits';
import { attachSockets } from '@murmur/coordinator/edge/sockets';
import type { Send } from '@murmur/coordinator/run/ports';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { createMesh, type Mesh } from '@murmur/core/volunteer/mesh';
import type { LinkPort } from '@murmur/core/volunteer/ports';
import { afterEach, expect, test } from 'vitest';

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

const noLinks: LinkPort = {
  open(_, { onClosed }) {
    queueMicrotask(() => onClosed('there is no way'));
    return {
      signal: () => undefined,
      send: () => Promise.reject(new Error('closed')),
      close: () => undefined,
    };
  },
};

/** A real server on loopback that relays by the names of its volunteers. */
async function relayServer(limits: SocketLimits) {
  const sends = new Map<string, Send>();
  const counts = noCounts();
  const coordinator = fakeCoordinator({
    volunteer: (send) => {
      let self = '';
      return {
        receive(message) {
          if (message.type === 'hello') sends.set((self = message.name), send);
          if (message.type === 'hello') return void send({ type: 'roster', volunteers: [] });
          if (message.type !== 'relay') return;
          return sends.get(message.to)?.({ type: 'relay', from: self, frame: message.frame });
        },
        closed: () => undefined,
      };
    },
  });
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const warn = () => undefined;
  const { now } = hostClock;
  const after = (ms: number, call: () => void) => void hostClock.after(ms, call);
  const edge = { coordinator, joinToken: undefined, operatorToken: 'o', counts, limits, now, after, warn };
  const io = attachSockets(http, edge);
  closers.push(() => void io.close());
  return { counts, origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}` };
}

interface Volunteer {
  readonly mesh: Mesh;
  /** Hashes of the messages that have arrived, once there are so many. */
  arrived(count: number): Promise<string[]>;
}

/** A volunteer with a real socket and no links, once it is welcome. */
async function joinRelay(origin: string, name: string): Promise<Volunteer> {
  const hashes: string[] = [];
  let look: () => void = () => undefined;
  const control = createSocketControl({ origin, clock: hostClock, log: () => undefined });
  const mesh = createMesh({
    clock: hostClock,
    links: noLinks,
    signal: () => undefined,
    relay: (to, frame) => control.relay(to, frame),
    onPayload: ({ bytes }) => {
      hashes.push(sha256Hex(bytes));
      look();
    },
    onChange: () => undefined,
    log: () => undefined,
  });
  mesh.identify({ self: name, runTag: 1, iceServers: [] });
  closers.push(() => (mesh.close(), control.close()));
  await new Promise<void>((welcome) =>
    control.open({
      onConnected: () => control.send({ type: 'hello', protocol: 1, name, host: 'headless' }),
      onDisconnected: () => undefined,
      onTurnedAway: () => undefined,
      onMessage: (message) =>
        message.type === 'relay' ? mesh.relayed(message.from, message.frame) : welcome(),
    }),
  );
  const arrived = (count: number) =>
    new Promise<string[]>((resolve) => {
      look = () => hashes.length >= count && resolve(hashes.sort());
      look();
    });
  return { mesh, arrived };
}

test('LK6: a relayed pair that sends faster than the cap finishes, both ways, and nothing is dropped', async () => {
  const MIB = 1024 * 1024;
  const relayBytes = { burst: 2 * MIB, perSecond: 8 * MIB };
  const { counts, origin } = await relayServer({ ...DEFAULT_LIMITS, relayBytes });
  const [anna, bert] = [await joinRelay(origin, 'anna'), await joinRelay(origin, 'bert')];
  anna.mesh.meet(['bert'], 1);
  bert.mesh.meet(['anna'], 1);
  const messages = [0, 1, 2].map((part) => Uint8Array.from({ length: 1_500_000 }, (_, i) => (i + part) >> 3));
  for (const [from, to] of [
    [anna, 'bert'],
    [bert, 'anna'],
  ] as const)
    for (const [part, bytes] of messages.entries())
      void from.mesh.transmit(to, { kind: 'contribution', round: 1, part, bytes });
  const expected = messages.map(sha256Hex).sort();
  expect(await bert.arrived(3)).toEqual(expected);
  expect(await anna.arrived(3)).toEqual(expected);
  expect(counts).toEqual(noCounts());
});
