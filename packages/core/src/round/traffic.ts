import type { Codec } from '../codec/codec.ts';
import { updateCodecOf } from '../codec/registry.ts';
import type { Part } from '../protocol/round.ts';

/** Bytes of one round in which nothing fails and every link is direct, without frames and messages. */
export interface RoundTraffic {
  /**
   * What a volunteer sends to others over data channels, the mean of all: its contribution less the part that it owns, and
   * the update of its own part to each of the others.
   */
  readonly volunteerBytes: number;
  /** What the coordinator receives: one copy of each reduced part (RD8). */
  readonly reducedBytes: number;
  /** What the coordinator sends: one copy of each update (RD8). */
  readonly updateBytes: number;
}

/** The traffic of so many volunteers whose contributions have this codec. */
export function trafficOf(parts: readonly Part[], volunteers: number, codec: Codec): RoundTraffic {
  const bytesIn = (of: Codec) => parts.reduce((sum, { start, end }) => sum + of.encodedBytes(end - start), 0);
  const updateBytes = bytesIn(updateCodecOf(codec));
  const others = (volunteers - 1) / volunteers;
  return {
    volunteerBytes: others * (bytesIn(codec) + updateBytes),
    reducedBytes: updateBytes,
    updateBytes,
  };
}
