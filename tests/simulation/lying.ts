import type { Codec } from '@murmur/core/codec/codec';
import type { VolunteerMessage } from '@murmur/core/protocol/messages';
import type { Contributor } from '@murmur/core/protocol/round';
import { fold, normal, type Key } from '@murmur/core/random/key';
import type { PartContribution, ReduceResult } from '@murmur/core/volunteer/ports';
import type { Lie } from './scenario.ts';

/** What attackers make of the pseudo-gradient that honest training gave. */
export function lieAboutGradient(lie: Lie | undefined, honest: Float32Array, key: Key): Float32Array {
  switch (lie) {
    case 'sign-flip':
      return honest.map((v) => -v);
    case 'scaled':
      return honest.map((v) => 30 * v);
    case 'noise':
      return normal(fold(key, 'noise'), honest.length).map((v) => 3 * v);
    case 'alie':
      // A little is enough (Baruch et al. 2019): a deviation that honest ones have too, the same way everywhere.
      return honest.map(() => -1);
    case 'inner-product':
      return honest.map((v) => -0.1 * v);
    default:
      return honest;
  }
}

/** Other bytes than were announced, well-formed as they are. */
export const tampered = (codec: Codec, bytes: Uint8Array, length: number): Uint8Array => {
  const decoded = codec.decode(bytes, length);
  return decoded.kind === 'decoded' ? codec.encode(decoded.values.map((v) => v + 1)) : bytes;
};

/** What a lying owner makes of its part; `own` is its own contribution to it. */
export function lieAboutPart(
  lie: Lie | undefined,
  { codec, length }: { codec: Codec; length: number },
  {
    honest,
    own,
    named,
  }: { honest: ReduceResult; own: PartContribution | undefined; named: readonly Contributor[] },
): ReduceResult {
  if (honest.kind === 'failed') return honest;
  if (lie === 'wrong-reduce') {
    const decoded = codec.decode(honest.bytes, length);
    const flipped = decoded.kind === 'decoded' ? codec.encode(decoded.values.map((v) => -v)) : honest.bytes;
    return { ...honest, bytes: flipped };
  }
  if (lie === 'false-bitmap' && own && named.length > 1)
    return { kind: 'reduced', bytes: own.bytes, contributors: named.map((c) => c.peer) };
  return honest;
}

/** Messages that a liar says beside, or instead of, an honest one. */
export function lieInWords(
  lie: Lie | undefined,
  message: VolunteerMessage,
  before: readonly VolunteerMessage[],
): VolunteerMessage[] {
  switch (lie) {
    case 'replay':
      return [
        message,
        ...before.flatMap((old) =>
          'round' in old ? [old, { ...old, round: roundOf(message, old.round) }] : [],
        ),
      ];
    case 'equivocate':
      if (message.type !== 'ready') return [message];
      return [message, { ...message, hashes: message.hashes.map(() => 'e'.repeat(64)) }];
    case 'garbage':
      return message.type === 'ready' || message.type === 'reduced'
        ? [...garbage(message.round), message]
        : [message];
    case 'mute':
      return message.type === 'contribution' ? [] : [message];
    default:
      return [message];
  }
}

const roundOf = (message: VolunteerMessage, otherwise: number): number =>
  'round' in message ? message.round : otherwise;

/** Every one of them is well-formed: what is not never passes the edge. */
function garbage(round: number): VolunteerMessage[] {
  const bytes = new Uint8Array(7);
  return [
    { type: 'reduced', round, part: 99, contributors: [], bytes },
    { type: 'reduced', round, part: 0, contributors: ['nobody', 'nobody'], bytes },
    { type: 'contribution', round, part: 63, bytes },
    { type: 'applied', round: round + 7, version: 'f'.repeat(64), meshBytes: 1e300, resynced: true },
    { type: 'applied', round, version: 'f'.repeat(64), meshBytes: 0, resynced: false, uplink: 1e12 },
    { type: 'progress', round, step: 1e9, samples: 0, loss: 0 },
    {
      type: 'ready',
      round,
      ...{ samples: 2 ** 40, steps: 1, loss: 0, norm: 1e30, trainMs: 1e30, hashes: [], meshed: [] },
    },
  ];
}
