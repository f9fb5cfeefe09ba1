/** More volunteers than one group holds: the real coordinator, sockets, meshes and frames, over links inside of this process. */
import { codecOf } from '@murmur/core/codec/registry';
import { expect, test } from 'vitest';
import { memoryLinks } from '../bench/exchange/memoryLinks.ts';
import { exchangeRounds } from '../bench/exchange/measure.ts';

/** One block for each part of a full group. */
const PARAMETERS = 16 * 4_096;
const PEERS = 40;
const ROUNDS = 2;

test('GR1 GR2 GR3 GR4: forty volunteers reduce in three groups, and none is left out', async () => {
  const codec = codecOf('int8');
  const seen = await exchangeRounds({
    ...{ codec, parameters: PARAMETERS, peers: PEERS, rounds: ROUNDS, log: () => undefined },
    links: memoryLinks(),
  });
  expect(
    seen.records.map(({ reason, volunteers, missingParts }) => [reason, volunteers, missingParts]),
  ).toEqual(Array.from({ length: ROUNDS }, () => [null, PEERS, 0]));
  // Each part went in and out once, and the pieces of one part of one group are shown for an audit.
  const copies = seen.records.map((record) => record.coordinatorBytes / codec.encodedBytes(PARAMETERS));
  expect(Math.max(...copies)).toBeLessThanOrEqual(3);
  expect(seen.relayBytes.every((bytes) => bytes === 0)).toBe(true);
});
