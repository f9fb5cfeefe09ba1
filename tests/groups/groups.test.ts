/** More volunteers than one group holds: the real coordinator, sockets, meshes and data channels, in this process. */
import { codecOf } from '@murmur/core/codec/registry';
import { expect, test } from 'vitest';
import { exchangeRounds } from '../bench/exchange/measure.ts';

const PARAMETERS = 20_000;
const PEERS = 17;
const ROUNDS = 2;

test('GR1 GR2 GR3 GR4: seventeen volunteers reduce in two groups over data channels, and none is left out', async () => {
  const codec = codecOf('int8');
  const seen = await exchangeRounds({
    ...{ codec, parameters: PARAMETERS, peers: PEERS, rounds: ROUNDS, log: () => undefined },
  });
  expect(
    seen.records.map(({ reason, volunteers, missingParts }) => [reason, volunteers, missingParts]),
  ).toEqual(Array.from({ length: ROUNDS }, () => [null, PEERS, 0]));
  // Nobody had to reduce for others: each part went in and out once, and some of them were audited.
  const copies = seen.records.map((record) => record.coordinatorBytes / codec.encodedBytes(PARAMETERS));
  expect(Math.max(...copies)).toBeLessThan(4.5);
  expect(seen.relayBytes.every((bytes) => bytes === 0)).toBe(true);
});
