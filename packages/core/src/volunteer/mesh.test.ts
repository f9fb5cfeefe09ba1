import { beforeEach, describe, expect, test } from 'vitest';
import { splitPayload } from '../protocol/chunks.ts';
import { MAX_PAYLOAD_BYTES } from '../protocol/frames.ts';
import { createWorld, payload, settle, type World } from './mesh.fixture.ts';

let world: World;
let wire: World['wire'];
let meshes: World['meshes'];
let received: World['received'];
let time: World['time'];
const addMesh = (self: string) => world.addMesh(self);

beforeEach(() => {
  world = createWorld();
  ({ wire, meshes, received, time } = world);
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
    expect(world.workOf('anna', 'relay')).toEqual([]);
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
    expect(world.workOf('anna', 'relay')).toEqual([]);
  });

  test('a broken link is opened anew in the next round', async () => {
    const [anna, bert] = await world.addPair();
    bert.close();
    await settle();
    expect(anna.state('bert')).toBe('relayed');
    anna.meet(['bert'], 2);
    bert.meet(['anna'], 2);
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
    expect([anna.state('bert'), world.workOf('anna', 'relay')]).toEqual(['relayed', [0]]);
    expect(anna.traffic()).toMatchObject({ mesh: 0 });
  });

  test('keeps nobody waiting again in later rounds', async () => {
    wire.works = false;
    const [anna, bert] = await world.addPair();
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
    const [anna, bert] = await world.addPair();
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
  const [anna] = await world.addPair();
  wire.stalls = true;
  const sent = anna.transmit('bert', payload(10));
  await settle();
  time.pass(19_999);
  await settle();
  expect(received.get('bert')).toEqual([]);
  time.pass(1);
  await sent;
  await settle();
  expect([anna.state('bert'), world.workOf('anna', 'relay')]).toEqual(['relayed', [0]]);
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
  const [anna, bert] = await world.addPair();
  anna.identify({ self: 'anna', runTag: 7, iceServers: [] });
  expect(anna.state('bert')).toBe('mesh');
  anna.identify({ self: 'zora', runTag: 7, iceServers: [] });
  expect([anna.state('bert'), bert.state('anna')]).toEqual(['none', 'relayed']);
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
