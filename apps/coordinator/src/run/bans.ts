import type { Ban } from '@murmur/core/protocol/operator';
import type { Ledger } from './ledger.ts';
import type { Noticeboard } from './noticeboard.ts';
import { sentenceOf } from './scores.ts';
import type { Sessions } from './sessions.ts';

/** Carries out exclusions and their ends (AG5): told to everybody whom it concerns, and kept for the next start. */
export interface Bans {
  banish(ban: Ban): void;
  pardon(ban: Ban): void;
}

export function createBans({
  sessions,
  ledger,
  board,
}: {
  sessions: Sessions;
  ledger: Ledger;
  board: Noticeboard;
}): Bans {
  function keep(written: Promise<void>, what: string): void {
    written.catch((cause: unknown) =>
      board.alert('error', `${what} could not be stored: ${sentenceOf(cause)}`),
    );
  }

  return {
    banish(ban) {
      const session = sessions.get(ban.peer);
      session?.send({ type: 'refused', reason: 'banned', detail: ban.sentence });
      // From here on what its connection says means nothing.
      if (session) sessions.close(session);
      board.alert('warning', `${ban.name} was excluded: ${ban.sentence}`);
      keep(ledger.addBan(ban), 'An exclusion');
    },
    pardon({ peer, name }) {
      board.show('info', `${name} may join again.`);
      keep(ledger.liftBan(peer), 'The end of an exclusion');
    },
  };
}
