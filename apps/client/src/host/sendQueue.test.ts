import { expect, test } from 'vitest';
import { createSendQueue, PAUSE_ABOVE_BYTES, RESUME_BELOW_BYTES } from './sendQueue.ts';
import type { Clock } from '@murmur/core/volunteer/ports';

class FakeChannel extends EventTarget {
  bufferedAmount = 0;
  bufferedAmountLowThreshold: number | undefined = 0;
}

function queueOver(channel: FakeChannel) {
  const timers: (() => void)[] = [];
  const clock: Clock = { now: () => 0, after: (_, call) => (timers.push(call), () => undefined) };
  const sent: number[] = [];
  const owner = {
    _channel: channel,
    send(bytes: Uint8Array) {
      sent.push(bytes.byteLength);
      channel.bufferedAmount += bytes.byteLength;
    },
  };
  return { queue: createSendQueue(owner, clock), sent, timers };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const half = new Uint8Array(PAUSE_ABOVE_BYTES / 2 + 1);

test('LK3: sending pauses above 1 MiB and goes on when the channel says that it has drained to 256 KiB', async () => {
  const channel = new FakeChannel();
  const { queue, sent } = queueOver(channel);
  const third = [1, 2, 3].map(() => queue.send(half))[2];
  await settle();
  expect(sent.length).toBe(2);
  expect(channel.bufferedAmountLowThreshold).toBe(RESUME_BELOW_BYTES);
  channel.bufferedAmount = RESUME_BELOW_BYTES;
  channel.dispatchEvent(new Event('bufferedamountlow'));
  await third;
  expect(sent.length).toBe(3);
});

test('LK3: where the channel does not tell, the buffer is looked at', async () => {
  const channel = new FakeChannel();
  channel.bufferedAmountLowThreshold = undefined;
  const { queue, sent, timers } = queueOver(channel);
  const third = [1, 2, 3].map(() => queue.send(half))[2];
  await settle();
  expect([sent.length, timers.length]).toEqual([2, 1]);
  timers[0]?.();
  expect(timers.length).toBe(2);
  channel.bufferedAmount = 0;
  timers[1]?.();
  await third;
  expect(sent.length).toBe(3);
});

test('closing rejects everything that waits, with the cause', async () => {
  const { queue, sent } = queueOver(new FakeChannel());
  const sends = [1, 2, 3, 4].map(() => queue.send(half));
  const outcomes = Promise.allSettled(sends);
  await settle();
  queue.close('the peer went away');
  expect((await outcomes).map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected']);
  await expect(queue.send(half)).rejects.toThrow('The link is gone: the peer went away.');
  expect(sent.length).toBe(2);
});
