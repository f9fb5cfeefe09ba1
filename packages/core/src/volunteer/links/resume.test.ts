import { beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../hash/sha256.ts';
import { splitPayload } from '../../protocol/chunks.ts';
import { MAX_PAYLOAD_BYTES } from '../../protocol/frames.ts';
import { allOf, encodeHave } from '../../protocol/have.ts';
import { createWorld, payload, settle, type World } from '../mesh.fixture.ts';
import type { Mesh } from '../mesh.ts';

const FRAMES = 6;
const message = payload(FRAMES * MAX_PAYLOAD_BYTES);
const ALL = [0, 1, 2, 3, 4, 5];
/** Both directions. */
const PAIRS = [
  ['anna', 'bert'],
  ['bert', 'anna'],
] as const;

let world: World;
beforeEach(() => void (world = createWorld()));

/** From the frame at `lose` on what the link takes is lost; at frame `at` it breaks. */
function breakAt(at: number, lose: number, told?: readonly string[]): void {
  world.wire.onWork = ({ road, sequence }) => {
    if (road !== 'link') return;
    if (sequence === lose) world.wire.loses = true;
    if (sequence < at) return;
    world.wire.onWork = () => undefined;
    world.wire.loses = false;
    world.breakLinks(told);
  };
}

/** Switches something while this frame is handed over, the first time. */
function onceAt(frame: number, turn: (now: boolean) => void): void {
  world.wire.onWork = ({ sequence }) => {
    if (sequence !== frame) return;
    world.wire.onWork = () => undefined;
    turn(true);
    queueMicrotask(() => turn(false));
  };
}

const meshOf = (name: string): Mesh => {
  const mesh = world.meshes.get(name);
  if (!mesh) throw new Error(`no mesh ${name}`);
  return mesh;
};
/** Comparing hashes is a hundred times quicker than comparing arrays. */
const arrivedAt = (name: string) =>
  world.received.get(name)?.map(({ from, bytes }) => `${from} ${sha256Hex(bytes)}`);
const wholeFrom = (from: string) => [`${from} ${sha256Hex(message.bytes)}`];

describe.each(PAIRS)('LK5: a link that breaks while %s sends to %s', (from, to) => {
  test('what has arrived is not sent again: the rest goes on over the relay', async () => {
    await world.addPair();
    breakAt(4, 2);
    world.wire.works = false;
    await meshOf(from).transmit(to, message);
    await settle();
    expect(arrivedAt(to)).toEqual(wholeFrom(from));
    expect(world.workOf(from, 'link')).toEqual([0, 1, 2, 3, 4]);
    expect(world.workOf(from, 'relay')).toEqual([2, 3, 4, 5]);
  });

  test('the rest goes on over the link that is opened anew, once both ends have confirmed it', async () => {
    await world.addPair();
    breakAt(4, 3);
    world.wire.relays = false;
    const sent = meshOf(from).transmit(to, message);
    for (let i = 0; i < 4; i++) {
      await settle();
      world.time.pass(1_000);
      world.wire.relays = true;
    }
    await sent;
    await settle();
    expect(arrivedAt(to)).toEqual(wholeFrom(from));
    expect(meshOf(from).state(to)).toBe('mesh');
    const again = [...world.workOf(from, 'link').slice(5), ...world.workOf(from, 'relay')];
    expect(again.sort()).toEqual([3, 4, 5]);
  });

  test('what was handed over in full and lost in the buffer of the link is sent again', async () => {
    await world.addPair();
    world.wire.onWork = ({ sequence }) => void (world.wire.loses = sequence >= 4);
    await meshOf(from).transmit(to, message);
    await settle();
    expect(arrivedAt(to)).toEqual([]);
    world.wire.loses = false;
    world.wire.onWork = () => undefined;
    world.breakLinks();
    await settle();
    expect(arrivedAt(to)).toEqual(wholeFrom(from));
    expect(world.workOf(from, 'relay').concat(world.workOf(from, 'link').slice(FRAMES)).sort()).toEqual([
      4, 5,
    ]);
  });
});

describe('LK5: a message that is not confirmed', () => {
  test('is asked about after ten seconds, and only what is missing is sent again', async () => {
    world.wire.works = false;
    const [anna] = await world.addPair();
    world.time.pass(6_000);
    onceAt(3, (now) => (world.wire.relayLoses = now));
    await anna.transmit('bert', message);
    await settle();
    expect(arrivedAt('bert')).toEqual([]);
    world.time.pass(9_999);
    expect(world.sent.at(-1)).toMatchObject({ sequence: 5 });
    world.time.pass(1);
    await settle();
    expect(arrivedAt('bert')).toEqual(wholeFrom('anna'));
    expect(world.workOf('anna', 'relay')).toEqual([...ALL, 3]);
  });

  test('is completed at once where the coordinator says that it dropped a frame', async () => {
    world.wire.works = false;
    const [anna] = await world.addPair();
    world.time.pass(6_000);
    onceAt(3, (now) => (world.wire.relays = !now));
    await anna.transmit('bert', message);
    await settle();
    expect(arrivedAt('bert')).toEqual(wholeFrom('anna'));
  });

  test('is given up, aloud, when its peer never answers', async () => {
    world.wire.works = false;
    const [anna] = await world.addPair();
    world.time.pass(6_000);
    world.meshes.delete('bert');
    await anna.transmit('bert', message);
    for (let i = 0; i < 10; i++) {
      world.time.pass(10_000);
      await settle();
    }
    expect(world.said.at(-1)).toMatch(/bert did not say that it has its contribution of round 1: given up/);
    expect(world.sent.filter((f) => f.kind === 'ask')).toHaveLength(6);
    expect(world.workOf('anna', 'relay')).toEqual(ALL);
  });

  test('is forgotten when the next round begins', async () => {
    world.wire.works = false;
    const [anna] = await world.addPair();
    world.time.pass(6_000);
    world.meshes.delete('bert');
    await anna.transmit('bert', message);
    anna.meet(['bert'], 2);
    world.time.pass(10_000);
    await settle();
    expect(world.sent.filter((f) => f.kind === 'ask')).toEqual([]);
  });

  test('once confirmed is kept no more: a link that breaks later brings nothing back', async () => {
    const [anna] = await world.addPair();
    await anna.transmit('bert', message);
    await settle();
    const before = world.sent.length;
    world.breakLinks();
    await settle();
    expect(world.sent.slice(before).filter((f) => f.kind === 'ask')).toEqual([]);
  });
});

describe('LK5: hostile answers', () => {
  const talk = (kind: 'ask' | 'have', bytes: Uint8Array, round = 1) =>
    splitPayload(kind, 7, round, 0, bytes)[0] ?? new Uint8Array();
  const has = (received: Uint8Array) => talk('have', encodeHave({ kind: 'contribution', received }));

  /** A pair that is relayed, with a message on its way whose receiver is played by the test. */
  async function waiting(): Promise<Mesh> {
    world.wire.works = false;
    const [anna] = await world.addPair();
    world.time.pass(6_000);
    world.meshes.delete('bert');
    await anna.transmit('bert', message);
    return anna;
  }

  test('bits of another number of frames are not believed, and said', async () => {
    const anna = await waiting();
    for (const bits of [allOf(FRAMES + 1), allOf(FRAMES + 8), Uint8Array.of(0xff)])
      anna.relayed('bert', has(bits));
    anna.relayed('bert', talk('have', new Uint8Array()));
    anna.relayed('bert', talk('have', Uint8Array.of(0, 1)));
    expect(world.said.filter((s) => s.includes('not believed'))).toHaveLength(3);
    expect(world.said.filter((s) => s.includes('speaks of no work'))).toHaveLength(2);
    expect(world.workOf('anna', 'relay')).toEqual(ALL);
  });

  test('what nobody asked for brings no frame back, and what is unknown is no news', async () => {
    const anna = await waiting();
    for (let i = 0; i < 100; i++) anna.relayed('bert', has(new Uint8Array()));
    anna.relayed('carl', has(allOf(FRAMES)));
    await settle();
    expect(world.workOf('anna', 'relay')).toEqual(ALL);
  });

  test('a peer that always says to have nothing is sent to seven times at most', async () => {
    const anna = await waiting();
    for (let i = 0; i < 20; i++) {
      world.time.pass(10_000);
      await settle();
      anna.relayed('bert', has(new Uint8Array()));
      await settle();
    }
    expect(world.workOf('anna', 'relay')).toHaveLength(7 * FRAMES);
    expect(world.said.at(-1)).toMatch(/given up/);
  });

  test('a peer that says to have what it has not harms only itself', async () => {
    const anna = await waiting();
    anna.relayed('bert', has(allOf(FRAMES)));
    world.time.pass(10_000);
    await settle();
    expect(world.sent.filter((f) => f.kind === 'ask')).toEqual([]);
  });

  test('of a flood of questions sixteen are answered at a time', async () => {
    const anna = await waiting();
    const question = talk('ask', encodeHave({ kind: 'update', received: new Uint8Array() }));
    for (let i = 0; i < 1_000; i++) anna.relayed('bert', question);
    await settle();
    expect(world.sent.filter((f) => f.kind === 'have').length).toBeLessThanOrEqual(16);
  });
});

describe('LK1: a link that breaks in a round', () => {
  test('is opened anew at once, and the relay serves until then', async () => {
    const [anna, bert] = await world.addPair();
    world.breakLinks();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['relayed', 'relayed']);
    world.time.pass(0);
    await settle();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'mesh']);
  });

  test('is opened anew when only the end that does not begin has noticed', async () => {
    const [anna, bert] = await world.addPair();
    world.breakLinks(['bert']);
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'relayed']);
    world.time.pass(1_000);
    await settle();
    world.time.pass(0);
    await settle();
    expect([anna.state('bert'), bert.state('anna')]).toEqual(['mesh', 'mesh']);
  });

  test('three times, and then not before the next round', async () => {
    const [anna] = await world.addPair();
    const breakAndWait = async () => {
      world.breakLinks();
      world.time.pass(10_000);
      await settle();
      world.time.pass(0);
      await settle();
      return anna.state('bert');
    };
    const states: string[] = [];
    for (let i = 0; i < 5; i++) states.push(await breakAndWait());
    expect(states).toEqual(['mesh', 'mesh', 'mesh', 'relayed', 'relayed']);
    anna.meet(['bert'], 2);
    await settle();
    expect(anna.state('bert')).toBe('mesh');
  });

  test('not where the peer is no member of the round', async () => {
    const [anna, bert] = await world.addPair();
    anna.meet([], 2);
    bert.meet([], 2);
    world.breakLinks();
    world.time.pass(30_000);
    await settle();
    expect(anna.state('bert')).toBe('relayed');
  });

  test('an opening that comes to nothing is ended after thirty seconds, and tried again while attempts are left', async () => {
    const [anna] = await world.addPair();
    world.wire.works = false;
    world.breakLinks();
    for (let i = 0; i < 8; i++) {
      world.time.pass(30_000);
      await settle();
    }
    expect(anna.state('bert')).toBe('relayed');
    expect(world.wire.links.get('anna')).toHaveLength(3);
  });
});
