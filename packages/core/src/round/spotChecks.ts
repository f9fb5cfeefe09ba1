/**
 * AG6: of a contribution whose pieces an audit (AG3) has shown, one is trained again. Who is trusted is asked less often, as
 * in BOINC's adaptive replication (Anderson 2020, §3.4): always until ten in a row were right, then with a probability of one
 * in as many as have been, and always again after one that was not.
 */
import { fold, uniformStream } from '../random/key.ts';
import { banish } from './banning.ts';
import { isFaithful, mayBeLate, recall } from './past.ts';
import { verdictOn } from './verdict.ts';
import {
  NEWCOMER,
  type Audit,
  type RoundEvent,
  type RoundRules,
  type RoundState,
  type SpotCheck,
  type Step,
  type Trust,
} from './state.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/** Before that nobody is trusted. */
const TRUSTED_FROM = 10;
/** So often in a row what a volunteer sent must be something else: honest optimisers lose their memory once in a while. */
const MOST_FAILURES = 2;

/** What is wanted of everybody before it is known who will be asked: a number, the least is asked first; undefined: not this time. */
export function turnOf(
  { streak, failures, checkedRound }: Pick<Trust, 'streak' | 'failures' | 'checkedRound'>,
  lot: number,
): number | undefined {
  if (failures > 0) return -Infinity;
  if (streak < TRUSTED_FROM) return checkedRound ?? 0;
  return lot < 1 / streak ? Infinity : undefined;
}

/** Whoever's turn it is of those whose pieces are here. */
function choosePeer(state: RoundState, { manifest, inbox }: Audit, { rules }: Context): string | undefined {
  const draw = uniformStream(fold(fold(rules.auditKey, 'spot check'), manifest.round));
  const waiting = [...inbox.keys()].flatMap((peer) => {
    const [lot, order] = [draw(), draw()];
    const turn = turnOf(trustOf(state, peer), lot);
    const possible = state.volunteers.has(peer) && !isUnsettled(state, peer, manifest.round, rules);
    return turn === undefined || !possible ? [] : [{ peer, turn, order }];
  });
  const [first] = waiting.sort((a, b) => (a.turn === b.turn ? a.order - b.order : a.turn - b.turn));
  return first?.peer;
}

const trustOf = (state: RoundState, peer: string): Trust => state.trust.get(peer) ?? NEWCOMER;

/** Of whom it could not be told for certain is asked again once its doubtful past is forgotten. */
const isUnsettled = (state: RoundState, peer: string, round: number, rules: RoundRules): boolean =>
  trustOf(state, peer).doubtedRound !== undefined && !recall(state, peer, round, rules).whole;

/** Chooses one of those whose pieces are here to be trained again; one at a time, and no more of them than there is time for. */
export function beginCheck(state: RoundState, audit: Audit, context: Context): Step {
  const { rules, nowMs } = context;
  if (rules.spotChecks === 0 || state.check || nowMs < state.checkAfterMs) return [state, []];
  const peer = choosePeer(state, audit, context);
  const bytes = audit.inbox.get(peer ?? '');
  if (peer === undefined || !bytes) return [state, []];
  const { manifest, part } = audit;
  const { stints, whole } = recall(state, peer, manifest.round, rules);
  if (stints.length === 0) return [state, []];
  const explained = whole && isFaithful(manifest.codec) && !mayBeLate(state, peer, manifest.round);
  const check: SpotCheck = { peer, part, bytes, stints, explained, begunAtMs: nowMs };
  return [{ ...state, check }, [{ type: 'recompute', check }]];
}

/** What came of it. It means nothing where another check is in flight, or its volunteer was excluded meanwhile. */
export function takeRecomputed(
  state: RoundState,
  { peer, round, likeness }: Extract<RoundEvent, { type: 'recomputed' }>,
  context: Context,
): Step {
  const { check } = state;
  if (check?.peer !== peer || check.stints.at(-1)?.manifest.round !== round) return [state, []];
  const { rules, nowMs } = context;
  const tookMs = nowMs - check.begunAtMs;
  const checkAfterMs = nowMs + tookMs * (1 / rules.spotChecks - 1);
  const done: RoundState = { ...state, check: undefined, checkAfterMs };
  if (state.banned.has(peer)) return [done, []];
  const before = trustOf(state, peer);
  const judged = { ...before, checkedRound: round };
  const verdict = likeness && verdictOn(likeness, check.explained);
  switch (verdict) {
    case undefined:
      return [trusting(done, peer, judged), []];
    case 'right':
      return [
        trusting(done, peer, { ...judged, streak: before.streak + 1, failures: 0, doubtedRound: undefined }),
        [],
      ];
    case 'doubtful':
    case 'wrong':
      break;
  }
  const failures = before.failures + 1;
  const doubtedRound = verdict === 'doubtful' ? round : before.doubtedRound;
  const failed = trusting(done, peer, { ...judged, streak: 0, failures, doubtedRound });
  if (failures < MOST_FAILURES) return [failed, []];
  return banish(failed, peer, sentenceOn(check, round), context);
}

const sentenceOn = ({ part }: SpotCheck, round: number): string =>
  `What it contributed to part ${part + 1} of round ${round} is not what training on its examples gives, ${MOST_FAILURES} checks in a row.`;

const trusting = (state: RoundState, peer: string, trust: Trust): RoundState => ({
  ...state,
  trust: new Map(state.trust).set(peer, trust),
});
