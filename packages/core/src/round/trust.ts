/**
 * Who is checked, and what comes of it, as in BOINC's adaptive replication (Anderson 2020, §3.4): always until ten checks in a row
 * were passed, then with a probability of one in as many as were, and always again after one that was not (AG6).
 */
import { NEWCOMER, type Trust } from './state.ts';
import type { Verdict } from './verdict.ts';

/** Before that nobody is trusted. */
const TRUSTED_FROM = 10;
/** What failed checks in a row must weigh: two that no honest volunteer fails, or three that one may whose optimiser lost its memory. */
const TOO_MUCH = 3;
const WEIGHTS = { wrong: 2, doubtful: 1 } as const;

/** Every so many checks one looks closely. */
const CLOSE_EVERY = 5;

/**
 * Whether to train the rounds before, too, so that all of a contribution is explained and not its direction alone. That costs many times
 * as much and finds only who hides among the honest: it is done every fifth time, and where there is a failure to be confirmed.
 */
export const looksClosely = ({ streak, failures }: Trust = NEWCOMER): boolean =>
  failures > 0 || streak % CLOSE_EVERY === CLOSE_EVERY - 1;

/**
 * Whose turn it is: of those who failed last time, else of those who are not trusted yet whoever has waited longest, else perhaps
 * of one who is. `draw` gives numbers in [0, 1).
 */
export function choosePeer(
  peers: readonly string[],
  trustOf: (peer: string) => Trust | undefined,
  draw: () => number,
): string | undefined {
  const waiting = peers.flatMap((peer) => {
    const [lot, order] = [draw(), draw()];
    const turn = turnOf(trustOf(peer) ?? NEWCOMER, lot);
    return turn === undefined ? [] : [{ peer, turn, order }];
  });
  const [first] = waiting.sort((a, b) => (a.turn === b.turn ? a.order - b.order : a.turn - b.turn));
  return first?.peer;
}

/** The least is asked first; undefined: not this time. */
function turnOf({ streak, failures, checkedRound }: Trust, lot: number): number | undefined {
  if (failures > 0) return -Infinity;
  if (streak < TRUSTED_FROM) return checkedRound ?? 0;
  return lot < 1 / streak ? Infinity : undefined;
}

/** What is thought of a volunteer after a check of this round, and whether it has to go; a verdict of undefined is none. */
export function judged(
  before: Trust | undefined,
  verdict: Verdict | undefined,
  round: number,
): { readonly trust: Trust; readonly isOut: boolean } {
  const known = { ...(before ?? NEWCOMER), checkedRound: round };
  if (verdict === undefined) return { trust: known, isOut: false };
  if (verdict === 'right') {
    return {
      trust: { ...known, streak: known.streak + 1, failures: 0, doubtedRound: undefined },
      isOut: false,
    };
  }
  const failures = known.failures + WEIGHTS[verdict];
  const doubtedRound = verdict === 'doubtful' ? round : known.doubtedRound;
  return { trust: { ...known, streak: 0, failures, doubtedRound }, isOut: failures >= TOO_MUCH };
}
