/** AG3: what somebody says to have made of parts, and which of it is audited. */
import { fold, uniformStream } from '../random/key.ts';
import type { In } from './open.ts';
import type { Claimed, RoundRules, RoundState } from './state.ts';

/** An owner that was never audited counts as one whose turn was so many rounds ago. */
const NEW_OWNER_AGE = 8;

/** What can be reduced again: every part that an owner handed in, or of several groups what each has made of each. */
function candidatesOf({ owners, here, reduced, joint, manifest }: In<'committing'>): Claimed[] {
  if (!joint)
    return owners.flatMap((owner, part) => {
      const { bytes, contributors } = reduced.get(part) ?? {};
      return contributors && !here.has(part)
        ? [{ part, owner, claim: { contributors, bytes, hash: undefined } }]
        : [];
    });
  return [...joint.partials].flatMap(([cell, { holder, hash, contributors }]) => {
    const [group, part] = [Math.floor(cell / manifest.parts.length), cell % manifest.parts.length];
    const claim = { contributors, hash, bytes: undefined };
    return joint.included.get(part)?.includes(group) ? [{ part, owner: holder, claim }] : [];
  });
}

/** Only what every contributor of is still here can be audited. */
export const canBeShown = ({ volunteers }: RoundState, { claim: { contributors } }: Claimed): boolean =>
  contributors.length > 0 && contributors.every((peer) => volunteers.has(peer));

/** By the square of the rounds since its owner was last audited, so that nobody waits long and nobody knows when. */
function weightOf(state: RoundState, { owner }: Claimed, round: number): number {
  const age = round - (state.trust.get(owner)?.auditedRound ?? round - NEW_OWNER_AGE);
  return age ** 2;
}

/**
 * What is audited of a round, in this order: drawn, as long as what contributors show of all these parts is no more than one
 * copy of the parameters; one part in any case.
 */
export function chooseClaims(
  state: RoundState,
  round: In<'committing'>,
  { auditKey, parameters }: Pick<RoundRules, 'auditKey' | 'parameters'>,
): Claimed[] {
  const { manifest } = round;
  const draw = uniformStream(fold(auditKey, manifest.round));
  const costOf = ({ part, claim }: Claimed): number => {
    const { start, end } = manifest.parts[part] ?? { start: 0, end: 0 };
    return claim.contributors.length * (end - start);
  };
  let candidates = candidatesOf(round).filter((claimed) => canBeShown(state, claimed));
  const chosen: Claimed[] = [];
  for (let left = parameters; candidates.length > 0;) {
    const next = pick(candidates, (claimed) => weightOf(state, claimed, manifest.round), draw());
    if (!next) break;
    chosen.push(next);
    left -= costOf(next);
    candidates = candidates.filter((claimed) => claimed !== next && costOf(claimed) <= left);
  }
  return chosen;
}

/** One of them, drawn by weight; `lot` in [0, 1). */
function pick<T>(all: readonly T[], weightOf: (one: T) => number, lot: number): T | undefined {
  const weights = all.map(weightOf);
  let left = lot * weights.reduce((a, b) => a + b, 0);
  return all[weights.findIndex((weight) => weight > 0 && (left -= weight) < 0)];
}
