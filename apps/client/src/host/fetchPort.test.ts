import { expect, test } from 'vitest';
import { createFetchPort } from './fetchPort.ts';
import { memoryShardCache } from './shardCache.ts';
import type { Clock } from '@murmur/core/volunteer/ports';

const HASH = 'a'.repeat(64);
const body = Uint8Array.of(1, 2, 3);

/** A clock whose short waits are over at once; the stall timer rings by hand. */
function handClock() {
  const waits: number[] = [];
  let ring: () => void = () => undefined;
  const clock: Clock = {
    now: () => 0,
    after(ms, call) {
      if (ms >= 15_000) ring = call;
      else {
        waits.push(ms);
        queueMicrotask(call);
      }
      return () => undefined;
    },
  };
  return { clock, waits, ring: () => ring() };
}

function portOver(answers: readonly (() => Promise<Response>)[]) {
  const asked: string[] = [];
  const hand = handClock();
  const port = createFetchPort({
    origin: 'http://host',
    cache: memoryShardCache(1000),
    clock: hand.clock,
    fetch: (url) => {
      asked.push(String(url));
      return (answers[asked.length - 1] ?? (() => Promise.reject(new Error('no more answers'))))();
    },
  });
  return { port, asked, ...hand };
}

const ok = () => Promise.resolve(new Response(body));
const status = (code: number) => () => Promise.resolve(new Response('', { status: code }));
const down = () => Promise.reject(new TypeError('fetch failed'));

test('VS3: a snapshot comes from its address', async () => {
  const { port, asked } = portOver([ok]);
  expect(await port.snapshot(HASH)).toEqual(body);
  expect(asked).toEqual([`http://host/versions/${HASH}.safetensors`]);
});

test('SH1: a shard is fetched once, then kept, until it is forgotten', async () => {
  const { port, asked } = portOver([ok, ok]);
  expect([await port.shard(HASH), await port.shard(HASH)]).toEqual([body, body]);
  expect(asked).toEqual([`http://host/shards/${HASH}`]);
  await port.forgetShard(HASH);
  await port.shard(HASH);
  expect(asked.length).toBe(2);
});

test('failures that may pass are tried again with growing pauses, then told', async () => {
  const recovered = portOver([down, status(503), status(429), ok]);
  expect(await recovered.port.snapshot(HASH)).toEqual(body);
  expect(recovered.waits).toEqual([500, 1000, 2000]);
  const lost = portOver([down, down, down, down, down]);
  await expect(lost.port.snapshot(HASH)).rejects.toThrow(
    /Fetching version aaaaaaaaaaaa .* failed \(fetch failed\)/,
  );
  expect(lost.asked.length).toBe(5);
});

test('what the coordinator does not have is not asked for again', async () => {
  const { port, asked } = portOver([status(404)]);
  await expect(port.shard(HASH)).rejects.toThrow(/does not give out shard aaaaaaaaaaaa \(status 404\)/);
  expect(asked.length).toBe(1);
});

test('an answer that stalls is given up and tried again', async () => {
  const signals: AbortSignal[] = [];
  const hand = handClock();
  const port = createFetchPort({
    origin: 'http://host',
    cache: memoryShardCache(1000),
    clock: hand.clock,
    fetch: (_, init) => {
      const signal = init?.signal as AbortSignal;
      signals.push(signal);
      if (signals.length > 1) return ok();
      const stalled = new Promise<Response>((_, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason)),
      );
      queueMicrotask(hand.ring);
      return stalled;
    },
  });
  expect(await port.snapshot(HASH)).toEqual(body);
  expect(signals.map((s) => s.aborted)).toEqual([true, false]);
});
