/** What groups or owners have handed in becomes the next version. */
import { abandon, recordOf, settleAll } from './closing.ts';
import type { In } from './open.ts';
import type { Ready, RoundState, Step } from './state.ts';

/** Hands what was reduced to the outer step; a part that nobody reduced stays as it was. */
export function commitReduced(
  state: RoundState,
  round: In<'reducing'> | In<'combining'>,
  how: Pick<In<'committing'>, 'here' | 'joint'>,
  nowMs: number,
): Step {
  if (round.reduced.size === 0) return abandon(state, round, 'no-part', nowMs);
  const { manifest, groups, out, ready, owners, openedAtMs, frozenAtMs, reduced } = round;
  const named = new Set([...reduced.values()].flatMap((part) => part.contributors));
  // Whose work reached no owner has contributed nothing: its examples are leased again (SH2).
  const contributors = round.contributors.filter((c) => named.has(c.peer));
  const base = { manifest, groups, out, ready, owners, openedAtMs, frozenAtMs, contributors, reduced };
  const open: In<'committing'> = { ...base, ...how, phase: 'committing', deadlineMs: Infinity };
  const record = recordOf(open, { ...trafficOf(open, state), nowMs });
  const leases = settleAll(state.leases, open, contributing(open));
  return [{ ...state, open }, [{ type: 'commit', round: open, record, leases }, { type: 'statusChanged' }]];
}

/** What passed through the coordinator: each part once in and once out, and what it was sent to reduce or check itself. */
export function trafficOf({ manifest, reduced }: In<'committing'>, { helpBytes }: RoundState) {
  const bytes = [...reduced.values()].reduce((total, part) => total + part.bytes.byteLength, 0);
  return { missingParts: manifest.parts.length - reduced.size, coordinatorBytes: 2 * bytes + helpBytes };
}

export const contributing = (round: In<'committing'>): Map<string, Ready> =>
  new Map([...round.ready].filter(([peer]) => round.contributors.some((c) => c.peer === peer)));
