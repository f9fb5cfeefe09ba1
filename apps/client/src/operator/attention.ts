/** What an operator of a crowd sees of it without asking for all. */
import type { OperatorSnapshot } from '@murmur/core/protocol/operator';

type Volunteer = Pick<OperatorSnapshot['volunteers'][number], 'missedRounds' | 'relayed'>;

/** A class on one screen; more are a crowd. */
export const MOST_LISTED = 20;

/** So many of them: whoever missed most rounds, then who is relayed, then in the order in which they came. */
export const needingAttention = <V extends Volunteer>(volunteers: readonly V[], most = MOST_LISTED): V[] =>
  [...volunteers]
    .sort((a, b) => b.missedRounds - a.missedRounds || Number(b.relayed) - Number(a.relayed))
    .slice(0, most);
