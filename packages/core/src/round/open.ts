import type { Lease } from '../protocol/round.ts';
import type { OpenRound, RoundEffect, RoundState, Step } from './state.ts';

/** The open round in one of its phases. */
export type In<P extends OpenRound['phase']> = Extract<OpenRound, { phase: P }>;

export const refuse = (
  state: RoundState,
  effect: Omit<Extract<RoundEffect, { type: 'refuse' }>, 'type'>,
): Step => [state, [{ type: 'refuse', ...effect }]];

export const memberOf = (round: OpenRound, peer: string) =>
  round.manifest.members.find((m) => m.peer === peer);

/** Members that still take part. */
export const present = ({ manifest, out }: OpenRound): string[] =>
  manifest.members.flatMap(({ peer }) => (out.has(peer) ? [] : [peer]));

export const examplesOf = (leases: readonly Lease[]): number =>
  leases.reduce((sum, { count }) => sum + count, 0);
