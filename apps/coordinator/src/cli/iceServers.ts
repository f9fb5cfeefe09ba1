import type { IceServer } from '@murmur/core/volunteer/ports';
import { usageFailure } from './failure.ts';
import { flagOf, variableOf, type SettingValues } from './settings.ts';

type TurnSettings = Pick<SettingValues, 'turn' | 'turnUsername' | 'turnCredential'>;

/** What browsers take for a TURN server's address (RFC 7065). */
const TURN_URL = /^turns?:[^\s?]+(\?transport=(udp|tcp))?$/;

/** Throws a usage failure where a TURN server cannot be used as it is given; says nothing of the credential. */
export function checkTurn({ turn, turnUsername, turnCredential }: TurnSettings): void {
  if (turn === undefined) {
    const given = turnUsername !== undefined ? 'turnUsername' : 'turnCredential';
    if (turnUsername === undefined && turnCredential === undefined) return;
    throw usageFailure(
      `${flagOf(given)} is of no use without a server: give one with ${flagOf('turn')} turn:HOST:PORT.`,
    );
  }
  if (!TURN_URL.test(turn))
    throw usageFailure(
      `${flagOf('turn')} must be an address like turn:turn.example.org:3478, turn:HOST:PORT?transport=tcp or ` +
        `turns:HOST:PORT, not ${JSON.stringify(turn)}.`,
    );
  if (turnUsername === undefined || turnCredential === undefined)
    throw usageFailure(
      `${flagOf('turn')} needs a user: give ${flagOf('turnUsername')} and, in the environment so that it does not show ` +
        `in the list of processes, ${variableOf('turnCredential')}.`,
    );
}

/** What a volunteer asks for its own address (LK2), and what it may go through where the operator names a TURN server. */
export function iceServers(stunUrls: readonly string[], settings: TurnSettings): IceServer[] {
  const { turn, turnUsername, turnCredential } = settings;
  const own = stunUrls.map((urls) => ({ urls }));
  return turn === undefined
    ? own
    : [...own, { urls: turn, username: turnUsername, credential: turnCredential }];
}
