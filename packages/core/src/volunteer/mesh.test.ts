import { beforeEach, describe, expect, test } from 'vitest';
import { splitPayload } from '../protocol/chunks.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/frames.ts';
import { createMesh, type Mesh, type Payload } from './mesh.ts';
import type { LinkHandlers, LinkPort } from './ports.ts';

/** Time that is moved by hand. */
function handClock() {
  let now = 0;
  const timers = new Set<{ atMs: number; call: () => void }>();
  return {
    clock: {
      now: () => now,
      after(ms: number, call: () => void) {
        const timer = { atMs: now + ms, call };
        timers.add(timer);
        return () => void timers.delete(timer);
      },
    },
    pass(ms: number) {
      now += ms;
      for (const timer of [...timers]) if (timer.atMs <= now && timers.delete(timer)) timer.call();
    },
  };
}

interface Wire {
  /** Whether offers lead to open links. */
  works: boolean;
  /** Whether links take frames and never say that they are gone. */
  stalls: boolean;
  readonly links: Map<string, { handlers: LinkHandlers; open: boolean }[]>;
}

const time = handClock();
let wire: Wire;
let meshes: Map<string, Mesh>;
let received: Map<string, Payload[]>;
let relayedFrames: number;

/** Links over which an offer and an answer are enough. */
function fakeLinks(self: string): LinkPort {
  return {
    open({ initiator }, handlers) {
      const mine = { handlers, open: false };
      let stalled: (cause: Error) => void = () => undefined;
      const list = wire.links.get(self) ?? [];
      wire.links.set(self, [...list, mine]);
      let other: { handlers: LinkHandlers; open: boolean } | undefined;
      const connect = (peer: string) => {
        other = wire.links.get(peer)?.at(-1);
        mine.open = true;
        handlers.onOpen();
      };
      if (initiator) queueMicrotask(() => handlers.onSignal(JSON.stringify({ type: 'offer', from: self })));
      return {
        signal(data) {
          if (!wire.works) return;
          const { type, from } = JSON.parse(data) as { type: string; from: string };
          if (type === 'offer') handlers.onSignal(JSON.stringify({ type: 'answer', from: self }));
          queueMicrotask(() => connect(from));
        },
        send: async (bytes) => {
          if (!mine.open) throw new Error('closed');
          if (wire.stalls) return new Promise<void>((_, reject) => (stalled = reject));
          queueMicrotask(() => other?.handlers.onMessage(bytes));
        },
        close() {
          if (!mine.open) return;
          mine.open = false;
          stalled(new Error('closed'));
          handlers.onClosed('closed here');
          if (other?.open) {
            other.open = false;
            other.handlers.onClosed('closed there');
          }
        },
      };
    },
  };
}

function addMesh(self: string): Mesh {
  const mesh = createMesh({
    clock: time.clock,
    links: fakeLinks(self),
    signal: (to, data) => queueMicrotask(() => meshes.get(to)?.signal(self, data)),
    relay: (to, frame) => {
      relayedFrames++;
      queueMicrotask(() => meshes.get(to)?.relayed(self, frame));
    },
    onPayload: (payload) => received.get(self)?.push(payload),
    onChange: () => undefined,
    log: () => undefined,
  });
  mesh.identify({ self, runTag: 7, iceServers: [] });
  meshes.set(self, mesh);
  received.set(self, []);
  return mesh;
}

/** Lets everything that is under way arrive: each turn of the task queue empties all microtasks. */
const settle = async () => {
  for (let i = 0; i < 50; i++) await Promise.resolve();
};
const payload = (size: number): Omit<Payload, 'from'> => ({
  kind: 'contribution',
  round: 1,
  part: 0,
  bytes: new Uint8Array(size).fill(5),
});

beforeEach(() => {
  wire = { works: true, stalls: false, links: new Map() };
  meshes = new Map();
  received = new Map();
  relayedFrames = 0;
});

describe('a link that opens', () => {
  test('RD6: counts as mesh only when both ends have confirmed it, then carries whole messages', async () => {
    const [anna, bert] = [addMesh('anna'), addMesh('bert')];
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    expect(anna.state('bert')).toBe('connecting');
    await settle();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'mesh']);
    await anna.transmit('bert', payload(2 * MAX_PAYLOAD_BYTES + 1));
    await settle();
    expect(received.get('bert')).toMatchObject([{ from: 'anna', kind: 'contribution', round: 1 }]);
    expect(received.get('bert')?.[0]?.bytes).toEqual(payload(2 * MAX_PAYLOAD_BYTES + 1).bytes);
    expect(relayedFrames).toBe(0);
    expect(anna.traffic().mesh).toBeGreaterThan(2 * MAX_PAYLOAD_BYTES);
  });

  test('a transmission waits for a link that is still opening', async () => {
    const anna = addMesh('anna');
    addMesh('bert').meet(['anna'], 1);
    anna.meet(['bert'], 1);
    const sent = anna.transmit('bert', payload(10));
    await settle();
    await sent;
    await settle();
    expect(received.get('bert')).toHaveLength(1);
    expect(relayedFrames).toBe(0);
  });

  test('a broken link is opened anew in the next round', async () => {
    const [anna, bert] = [addMesh('anna'), addMesh('bert')];
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    await settle();
    bert.close();
    await settle();
    expect(anna.state('bert')).toBe('none');
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    await settle();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'mesh']);
  });
});

describe('LK1: a link that does not open', () => {
  test('is replaced by the relay after six seconds, with the same frames', async () => {
    wire.works = false;
    const [anna, bert] = [addMesh('anna'), addMesh('bert')];
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    const sent = anna.transmit('bert', payload(100));
    time.pass(5_999);
    await settle();
    expect(received.get('bert')).toEqual([]);
    time.pass(1);
    await sent;
    await settle();
    expect(received.get('bert')).toMatchObject([{ from: 'anna', round: 1 }]);
    expect([anna.state('bert'), relayedFrames]).toEqual(['relayed', 1]);
    expect(anna.traffic()).toMatchObject({ mesh: 0 });
  });

  test('keeps nobody waiting again in later rounds', async () => {
    wire.works = false;
    const [anna, bert] = [addMesh('anna'), addMesh('bert')];
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    await settle();
    time.pass(6_000);
    for (const mesh of [anna, bert])
      mesh.meet(
        ['anna', 'bert'].filter((p) => mesh !== meshes.get(p)),
        2,
      );
    await bert.transmit('anna', payload(1));
    await settle();
    expect(received.get('anna')).toHaveLength(1);
  });

  test('is tried again later, and takes over from the relay when it opens', async () => {
    wire.works = false;
    const [anna, bert] = [addMesh('anna'), addMesh('bert')];
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    await settle();
    time.pass(6_000);
    meshes.get('anna')?.close();
    wire.works = true;
    time.pass(30_000);
    anna.meet(['bert'], 1);
    bert.meet(['anna'], 1);
    await settle();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'mesh']);
  });
});

test('LK1: a link that takes nothing for twenty seconds is given up, and its frames are relayed', async () => {
  const [anna, bert] = [addMesh('anna'), addMesh('bert')];
  anna.meet(['bert'], 1);
  bert.meet(['anna'], 1);
  await settle();
  wire.stalls = true;
  const sent = anna.transmit('bert', payload(10));
  await settle();
  time.pass(19_999);
  await settle();
  expect(received.get('bert')).toEqual([]);
  time.pass(1);
  await sent;
  await settle();
  expect([anna.state('bert'), relayedFrames]).toEqual(['none', 1]);
  expect(received.get('bert')).toMatchObject([{ from: 'anna', round: 1 }]);
});

test('RD6: a confirmation that comes through the relay confirms no link', async () => {
  wire.works = false;
  const [anna, bert] = [addMesh('anna'), addMesh('bert')];
  anna.meet(['bert'], 1);
  bert.meet(['anna'], 1);
  const [ack] = splitPayload('helloAck', 7, 0, 0, new Uint8Array());
  if (ack) anna.relayed('bert', ack);
  expect(anna.state('bert')).toBe('connecting');
});

test('LK3: what is left of earlier rounds is forgotten when the next one begins', async () => {
  const anna = addMesh('anna');
  const part = (round: number) =>
    splitPayload('contribution', 7, round, 0, new Uint8Array(MAX_PAYLOAD_BYTES + 1));
  anna.relayed('bert', part(1)[0] ?? new Uint8Array());
  anna.meet([], 2);
  anna.relayed('bert', part(1)[1] ?? new Uint8Array());
  expect(received.get('anna')).toEqual([]);
  for (const frame of part(2)) anna.relayed('bert', frame);
  expect(received.get('anna')).toMatchObject([{ round: 2 }]);
});

test('links under an old name are closed when the coordinator gives a new one', async () => {
  const [anna, bert] = [addMesh('anna'), addMesh('bert')];
  anna.meet(['bert'], 1);
  bert.meet(['anna'], 1);
  await settle();
  anna.identify({ self: 'anna', runTag: 7, iceServers: [] });
  expect(anna.state('bert')).toBe('mesh');
  anna.identify({ self: 'zora', runTag: 7, iceServers: [] });
  expect([anna.state('bert'), bert.state('anna')]).toEqual(['none', 'none']);
});

test('frames of another run are dropped', async () => {
  const [anna, bert] = [addMesh('anna'), addMesh('bert')];
  bert.identify({ self: 'bert', runTag: 8, iceServers: [] });
  wire.works = false;
  anna.meet(['bert'], 1);
  time.pass(6_000);
  await anna.transmit('bert', payload(3));
  await settle();
  expect(received.get('bert')).toEqual([]);
});
