/** AG6: of the contributions whose pieces an audit (AG3) has shown, one is trained again. */
import { fold, uniformStream } from '../random/key.ts';
import { banish } from './banning.ts';
import { isFaithful, mayBeLate, recall } from './past.ts';
import type { Audit, RoundEvent, RoundRules, RoundState, SpotCheck, Step } from './state.ts';
import { choosePeer, judged, looksClosely } from './trust.ts';
import { verdictOn } from './verdict.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/**
 * Who is here and can be judged. Of whom a check left doubts is asked again once its doubtful past is forgotten; of `topk`, which
 * lies along its training so little, nothing can be told unless that is known.
 */
function candidates(state: RoundState, { manifest, inbox }: Audit, rules: RoundRules): string[] {
  const { codec, round } = manifest;
  const needsPast = (peer: string): boolean =>
    !isFaithful(codec) || state.trust.get(peer)?.doubtedRound !== undefined;
  const isKnown = (peer: string): boolean => !needsPast(peer) || recall(state, peer, round, rules).whole;
  return [...inbox.keys()].filter((peer) => state.volunteers.has(peer) && isKnown(peer));
}

/** Chooses one of those whose pieces are here to be trained again; one at a time, and no more of them than there is time for. */
export function beginCheck(state: RoundState, audit: Audit, { rules, nowMs }: Context): Step {
  if (rules.spotChecks === 0 || state.check || nowMs < state.checkAfterMs) return [state, []];
  const { manifest, part } = audit;
  const draw = uniformStream(fold(fold(rules.auditKey, 'spot check'), manifest.round));
  const peer = choosePeer(candidates(state, audit, rules), (name) => state.trust.get(name), draw);
  const bytes = audit.inbox.get(peer ?? '');
  if (peer === undefined || !bytes) return [state, []];
  const { stints: all, whole } = recall(state, peer, manifest.round, rules);
  if (all.at(-1)?.manifest.round !== manifest.round) return [state, []];
  const faithful = isFaithful(manifest.codec);
  const stints = looksClosely(state.trust.get(peer)) || !faithful ? all : all.slice(-1);
  const known = whole && stints.length === all.length;
  const explained = known && faithful && !mayBeLate(state, peer, manifest.round);
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
  const checkAfterMs = nowMs + (nowMs - check.begunAtMs) * (1 / rules.spotChecks - 1);
  const done: RoundState = { ...state, check: undefined, checkAfterMs };
  if (state.banned.has(peer)) return [done, []];
  const verdict = likeness && verdictOn(likeness, check.explained);
  const { trust, isOut } = judged(state.trust.get(peer), verdict, round);
  const known: RoundState = { ...done, trust: new Map(state.trust).set(peer, trust) };
  return isOut ? banish(known, peer, sentenceOn(check, round), context) : [known, []];
}

const sentenceOn = ({ part }: SpotCheck, round: number): string =>
  `What it contributed to part ${part + 1} of round ${round} is not what training on its examples gives, and so it was with what it was asked for before.`;
