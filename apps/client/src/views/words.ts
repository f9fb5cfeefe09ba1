/** Words for the states of the protocol, as both pages show them. */
import type { VolunteerState } from '@murmur/core/protocol/messages';
import { REASON_SENTENCES } from '@murmur/core/protocol/reasons';
import type { RoundRecord, RunInfo, RunPhase } from '@murmur/core/protocol/run';
import type { PeerView } from '@murmur/core/volunteer/view';
import { formatCompact, formatCount, formatPlural } from './format.ts';

export const STATE_WORDS: Record<VolunteerState, string> = {
  syncing: 'getting ready',
  waiting: 'waiting',
  training: 'training',
  exchanging: 'exchanging',
  paused: 'paused',
};

export const LINK_WORDS: Record<PeerView['link'], string> = {
  self: 'this machine',
  connecting: 'connecting',
  mesh: 'direct link',
  relayed: 'relayed',
  none: 'no link',
};

export const RUN_PHASE_WORDS: Record<RunPhase | 'new', string> = {
  new: 'Not started',
  waiting: 'Waiting for volunteers',
  running: 'Running',
  paused: 'Paused',
  finished: 'Finished',
};

/** Of those who are missing from a round, the names that a line of the log has room for. */
const MOST_SHOWN = 3;

/** Whose work a round is without: a few by name, and how many there are besides. */
export function missingWords({
  missing = [],
  missingMembers = missing.length,
}: Pick<RoundRecord, 'missing' | 'missingMembers'>): string {
  const shown = missing.slice(0, MOST_SHOWN);
  const more = missingMembers - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${formatCount(more)} more` : shown.join(', ');
}

/** The sentence of a reason; a reason of a newer coordinator is shown as it came. */
export const reasonSentence = (reason: string): string =>
  Object.entries(REASON_SENTENCES).find(([known]) => known === reason)?.[1] ?? reason;

/** `60 rounds`, `1.2 M samples`, `10 minutes` */
export function targetWords({ kind, amount }: RunInfo['target']): string {
  switch (kind) {
    case 'rounds':
      return formatPlural(amount, 'round');
    case 'samples':
      return `${formatCompact(amount)} samples`;
    case 'minutes':
      return amount === 1 ? '1 minute' : `${Number.isInteger(amount) ? formatCount(amount) : amount} minutes`;
  }
}
