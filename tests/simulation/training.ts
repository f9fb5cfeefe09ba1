import type { RoundManifest } from '@murmur/core/protocol/round';
import { fold, normal, type Key } from '@murmur/core/random/key';

/** What is drawn for this volunteer in this round. */
export const trainingKey = (volunteers: Key, peer: string, { round, base }: RoundManifest): Key =>
  fold(fold(fold(volunteers, peer), round), base);

/** What honest training gives, invented: as different from round to round and from one to another as can be. */
export const honestGradient = (drawn: Key, length: number): Float32Array => normal(drawn, length);
