import type { Lease, Part } from '../protocol/round.ts';
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

/** Members of one group that still take part. */
export const presentIn = ({ groups, out }: OpenRound, group: number): string[] =>
  (groups[group]?.members ?? []).flatMap(({ peer }) => (out.has(peer) ? [] : [peer]));

export const examplesOf = (leases: readonly Lease[]): number =>
  leases.reduce((sum, { count }) => sum + count, 0);

/** No codec takes more than four bytes a value and a little for the last block. */
const LARGEST_BLOCK_BYTES = 4096;

/** Whether bytes can be an encoded contribution to a part: what is kept for others to judge must not be larger. */
export const mayEncode = (part: Part | undefined, bytes: Uint8Array): boolean =>
  part !== undefined && bytes.byteLength <= 4 * (part.end - part.start) + LARGEST_BLOCK_BYTES;
