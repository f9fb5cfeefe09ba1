/** RD7: when an owner is gone, silent or wrong, its part goes to the backup, and after that to the coordinator itself. */
import type { PartContribution } from '../volunteer/ports.ts';
import type { RoundRules, RoundState, RoundEffect, Step } from './state.ts';
import { replayMessages } from './naming.ts';
import { mayEncode, present, refuse, type In } from './open.ts';

/** Shares of the reduce budget after which whoever is silent is relieved; the last one ends the phase. */
export const RELIEF_AT: readonly number[] = [0.5, 0.75, 1];

/** Whether anybody can still hand in this part. */
export const isOpen = (round: In<'reducing'>, part: number): boolean =>
  !round.reduced.has(part) && !round.lost.has(part);

/** The next in charge of a part: a backup that is here and was not asked, then the coordinator. */
function nextInCharge(round: In<'reducing'>, part: number): string | null {
  const { backup } = round.manifest.parts[part] ?? {};
  const asked = round.asked[part] ?? [];
  return backup !== undefined && !round.out.has(backup) && !asked.includes(backup) ? backup : null;
}

/** Hands these parts on, each to the next in charge; those that the coordinator has already stay there. */
export function relieve(round: In<'reducing'>, parts: readonly number[]): [In<'reducing'>, RoundEffect[]] {
  const owners = [...round.owners];
  const asked = [...round.asked];
  const here = new Map(round.here);
  const effects: RoundEffect[] = [];
  for (const part of parts) {
    if (!isOpen(round, part) || here.has(part)) continue;
    const owner = nextInCharge(round, part);
    if (owner === null) here.set(part, new Map());
    else {
      owners[part] = owner;
      asked[part] = [...(asked[part] ?? []), owner];
    }
    const { contributors } = round;
    const told = { round: round.manifest.round, to: present(round), contributors };
    effects.push(...replayMessages(told, { part, owner }));
  }
  return [{ ...round, owners, asked, here }, effects];
}

/** Parts that nobody but this member is in charge of now. */
export const partsOf = (round: In<'reducing'>, peer: string): number[] =>
  round.owners.flatMap((owner, part) =>
    owner === peer && isOpen(round, part) && !round.here.has(part) ? [part] : [],
  );

/** An encoded part of a contributor, for the coordinator itself to reduce. */
export function takeContributionHere(
  state: RoundState,
  round: In<'reducing'>,
  { peer, part, bytes }: { peer: string; part: number; bytes: Uint8Array },
): Step {
  const detail = `contribution to part ${part} of round ${round.manifest.round}`;
  const inbox = round.here.get(part);
  const contributes = round.contributors.some((c) => c.peer === peer);
  // Who had been relieved of it has handed it in all the same.
  if (contributes && round.reduced.has(part) && !inbox) return [state, []];
  if (!inbox || !contributes) return refuse(state, { peer, reason: 'not-a-member', detail });
  if (inbox.has(peer)) return refuse(state, { peer, reason: 'duplicate', detail });
  if (!mayEncode(round.manifest.parts[part], bytes))
    return refuse(state, { peer, reason: 'wrong-size', detail });
  const here = new Map(round.here).set(part, new Map(inbox).set(peer, bytes));
  return [{ ...state, open: { ...round, here }, helpBytes: state.helpBytes + bytes.byteLength }, []];
}

/** Reduces what the coordinator has in hand: parts for which all are here who can be, or all of them when `force`. */
export function reduceHere(round: In<'reducing'>, rules: RoundRules, force: boolean): In<'reducing'> {
  const reduced = new Map(round.reduced);
  const lost = new Set(round.lost);
  for (const [part, inbox] of round.here) {
    const awaited = round.contributors.some(({ peer }) => !inbox.has(peer) && !round.out.has(peer));
    if (!isOpen(round, part) || (awaited && !force)) continue;
    const contributions = round.contributors.flatMap((contributor): PartContribution[] => {
      const bytes = inbox.get(contributor.peer);
      return bytes ? [{ contributor, bytes }] : [];
    });
    const result = contributions.length > 0 ? rules.reduce(round.manifest, part, contributions) : undefined;
    if (result?.kind === 'reduced') reduced.set(part, result);
    else lost.add(part);
  }
  return { ...round, reduced, lost };
}
