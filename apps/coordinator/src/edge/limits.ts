/** How much one socket, and one address, may ask of the coordinator (AG4). */
import { MAX_PART_BYTES } from '@murmur/core/protocol/messages';
import type { Rate } from './tokenBucket.ts';

export interface SocketLimits {
  readonly maxMessageBytes: number;
  /** Sockets of volunteers from one address: a classroom may sit behind one. */
  readonly maxSocketsPerAddress: number;
  /** Everything but relay frames. */
  readonly messages: Rate;
  /** Bytes that one volunteer may relay; who sends more waits (LK6). */
  readonly relayBytes: Rate;
  /** Relay frames that may wait for a volunteer that does not read them; more are dropped. */
  readonly maxWaitingFrames: number;
}

const MIB = 1024 * 1024;

/** A volunteer that waits as it should has 8 frames of 64 KiB under way to each of 15 others: a quarter of the burst. */
export const DEFAULT_LIMITS: SocketLimits = {
  maxMessageBytes: MAX_PART_BYTES + 64 * 1024,
  maxSocketsPerAddress: 64,
  messages: { burst: 1000, perSecond: 200 },
  relayBytes: { burst: 32 * MIB, perSecond: 16 * MIB },
  maxWaitingFrames: 512,
};
