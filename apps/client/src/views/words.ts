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

/** Whose work a round is without: the names that are known, and how many there are besides. */
export function missingWords({
  missing = [],
  missingMembers,
}: Pick<RoundRecord, 'missing' | 'missingMembers'>): string {
  const more = (missingMembers ?? missing.length) - missing.length;
  return more > 0 ? `${missing.join(', ')} and ${formatCount(more)} more` : missing.join(', ');
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
