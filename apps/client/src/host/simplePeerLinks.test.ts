import wrtc from '@roamhq/wrtc';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { createReassembler, splitPayload } from '@murmur/core/protocol/chunks';
import { afterEach, expect, test } from 'vitest';
import { hostClock } from './hostClock.ts';
import { createSimplePeerLinks } from './simplePeerLinks.ts';
import type { Link } from '@murmur/core/volunteer/ports';

const links = createSimplePeerLinks({ clock: hostClock, wrtc });
const opened: { link: Link; closed: Promise<string> }[] = [];

afterEach(async () => {
  for (const { link } of opened) link.close();
  await Promise.all(opened.splice(0).map(({ closed }) => closed));
});

interface End {
  readonly link: Link;
  readonly open: Promise<void>;
  readonly closed: Promise<string>;
  readonly closings: string[];
  onMessage: (bytes: Uint8Array) => void;
}

/** Two ends in one process, signalling to each other by hand. */
function connectPair(): [End, End] {
  const ends: End[] = [];
  for (const initiator of [true, false]) {
    let [opens, closes] = [() => {}, (_: string) => {}];
    const open = new Promise<void>((resolve) => (opens = resolve));
    const closed = new Promise<string>((resolve) => (closes = resolve));
    const closings: string[] = [];
    const link = links.open(
      { initiator, iceServers: [] },
      {
        onOpen: () => opens(),
        onMessage: (bytes) => end.onMessage(bytes),
        onSignal: (data) => ends[initiator ? 1 : 0]?.link.signal(data),
        onClosed: (cause) => (closings.push(cause), closes(cause)),
      },
    );
    const end: End = { link, open, closed, closings, onMessage: () => undefined };
    ends.push(end);
    opened.push(end);
  }
  return ends as [End, End];
}

/** The next whole message that arrives at this end. */
const messageAt = (end: End): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    const reassembler = createReassembler({ maxBytes: 8_000_000, maxOpen: 2 });
    end.onMessage = (frame) => {
      const result = reassembler.push(frame);
      if (result?.kind === 'message') resolve(result.message.bytes);
      if (result?.kind === 'refused') reject(new Error(result.detail));
    };
  });

test('LK1, LK3: 5 MB cross in both directions at once in frames of 64 KiB, and closing one end closes the other', async () => {
  const [a, b] = connectPair();
  await Promise.all([a.open, b.open]);
  const payloads = [1, 2].map((seed) => Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * seed) >> 3));
  const received = Promise.all([messageAt(b), messageAt(a)]);
  const sends = [a, b].flatMap(({ link }, i) =>
    splitPayload('contribution', 1, 1, i, payloads[i] as Uint8Array).map((frame) => link.send(frame)),
  );
  await Promise.all(sends);
  expect((await received).map(sha256Hex)).toEqual(payloads.map(sha256Hex));
  a.link.close();
  expect([await a.closed, await b.closed][0]).toBe('closed here');
  await expect(b.link.send(new Uint8Array(1))).rejects.toThrow(/not open/);
  a.link.close();
  expect([a.closings.length, b.closings.length]).toEqual([1, 1]);
});

test('RD6: what the other end sends at once arrives after the link is open, so that it can be answered', async () => {
  for (let i = 0; i < 5; i++) {
    const [a, b] = connectPair();
    const answered = Promise.all(
      [a, b].map(
        (end) =>
          new Promise<void>((resolve, reject) => {
            end.onMessage = (bytes) =>
              bytes[0] === 1 ? void end.link.send(Uint8Array.of(2)).catch(reject) : resolve();
          }),
      ),
    );
    for (const end of [a, b]) void end.open.then(() => end.link.send(Uint8Array.of(1)));
    await answered;
  }
});

test('LK2: only the servers that are given are asked, and none where none is given', () => {
  const given: unknown[] = [];
  class Watched extends wrtc.RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      given.push(configuration?.iceServers);
      super(configuration);
    }
  }
  const watched = createSimplePeerLinks({ clock: hostClock, wrtc: { ...wrtc, RTCPeerConnection: Watched } });
  const turn = { urls: 'turn:10.0.0.1:3478', username: 'ada', credential: 'secret' };
  const handlers = { onOpen: () => undefined, onMessage: () => undefined, onSignal: () => undefined };
  for (const iceServers of [[], [{ urls: 'stun:10.0.0.1:7600' }, turn]])
    watched.open({ initiator: true, iceServers }, { ...handlers, onClosed: () => undefined }).close();
  expect(given).toEqual([[], [{ urls: 'stun:10.0.0.1:7600' }, turn]]);
});

test('signalling data that makes no sense closes the link with a cause and never throws', async () => {
  for (const data of ['null', '{}', 'no json', '{"type":"offer","sdp":"v=0"}']) {
    const [a] = connectPair();
    a.link.signal(data);
    expect(await a.closed).not.toBe('');
    a.link.signal(data);
  }
});

test('a host without WebRTC is told so, once, after opening', async () => {
  const without = createSimplePeerLinks({ clock: hostClock });
  const cause = await new Promise<string>((resolve) => {
    const handlers = { onOpen: () => undefined, onMessage: () => undefined, onSignal: () => undefined };
    without.open({ initiator: true, iceServers: [] }, { ...handlers, onClosed: resolve });
  });
  expect(cause).toMatch(/WebRTC/);
});
