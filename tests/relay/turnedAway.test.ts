import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostClock } from '@murmur/client/host/hostClock';
import { createSocketControl } from '@murmur/client/host/socketControl';
import { fakeCoordinator } from '@murmur/coordinator/edge/coordinator.fixture';
import { noCounts } from '@murmur/coordinator/edge/edgeCounts';
import { DEFAULT_LIMITS } from '@murmur/coordinator/edge/limits';
import { attachSockets } from '@murmur/coordinator/edge/sockets';
import { expect, test } from 'vitest';

test('AG4: one too many from an address hears why, in the words of the coordinator', async () => {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const io = attachSockets(http, {
    ...{ coordinator: fakeCoordinator(), joinToken: undefined, operatorToken: 'o', counts: noCounts() },
    ...{ limits: { ...DEFAULT_LIMITS, maxSocketsPerAddress: 1 }, now: hostClock.now, warn: () => undefined },
    after: (ms, call) => void hostClock.after(ms, call),
  });
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const control = () => createSocketControl({ origin, clock: hostClock, log: () => undefined });
  const [first, second] = [control(), control()];
  const heard = (one: typeof first) =>
    new Promise<string>((resolve) =>
      one.open({
        onConnected: () => resolve('connected'),
        onDisconnected: () => undefined,
        onTurnedAway: resolve,
        onMessage: () => undefined,
      }),
    );
  try {
    expect(await heard(first)).toBe('connected');
    expect(await heard(second)).toMatch(/^1 volunteer is connected from your address.*--max-per-address/);
  } finally {
    first.close();
    second.close();
    await io.close();
  }
});
