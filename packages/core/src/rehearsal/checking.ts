/** Spot checks (AG6) without a coordinator: here everybody's honest work is at hand, and is what training again would give. */
import { codecOf } from '../codec/registry.ts';
import type { RoundManifest } from '../protocol/round.ts';
import { fold, integer, key, uniformStream } from '../random/key.ts';
import { isFaithful, RECALLED_STEPS } from '../round/past.ts';
import type { Trust } from '../round/state.ts';
import { choosePeer, judged, looksClosely } from '../round/trust.ts';
import { likenessOf, verdictOn } from '../round/verdict.ts';
import type { TrainResult, Work } from '../volunteer/ports.ts';

/** What is thought of volunteers. */
export interface Standing {
  readonly trust: ReadonlyMap<string, Trust>;
  /** Who has been excluded. */
  readonly out: ReadonlySet<string>;
  /** Until each volunteer has taken so many steps there is no time for the next check. */
  readonly nextAtStep: number;
}

export const NOBODY_KNOWN: Standing = { trust: new Map(), out: new Set(), nextAtStep: 0 };

interface Round {
  readonly manifest: RoundManifest;
  /** What each trained, in the order of `all`. */
  readonly works: readonly Work[];
  /** What each sent. */
  readonly all: readonly {
    readonly peer: string;
    readonly trained: Extract<TrainResult, { readonly kind: 'trained' }>;
  }[];
}

/** Checks a contribution of this round, where there is time: for one step in the time of `1 / share` of a volunteer's. */
export function checkInTurn(before: Standing, played: Round, share: number): Standing {
  const { round, maxSteps } = played.manifest;
  return share === 0 || round * maxSteps < before.nextAtStep ? before : checkOne(before, played, share);
}

/** Checks one contribution of this round, of a part that is drawn. */
function checkOne(before: Standing, { manifest, works, all }: Round, share: number): Standing {
  const { round, seed, parts, maxSteps } = manifest;
  const drawn = fold(fold(key(seed), 'spot check'), round);
  const remembers = (since: number): boolean => (round - 1 - since) * maxSteps >= RECALLED_STEPS;
  const isSettled = (peer: string): boolean => {
    const doubted = before.trust.get(peer)?.doubtedRound;
    return doubted === undefined || remembers(doubted);
  };
  const known = isFaithful(manifest.codec) || remembers(0);
  const peers = known ? all.map(({ peer }) => peer).filter(isSettled) : [];
  const peer = choosePeer(peers, (name) => before.trust.get(name), uniformStream(drawn));
  const index = all.findIndex((one) => one.peer === peer);
  if (peer === undefined || index < 0) return before;
  const part = integer(fold(drawn, 'part'), parts.length);
  const likeness = likenessIn(manifest, part, {
    own: works[index] as Work,
    sent: all[index]?.trained.parts[part] as Uint8Array,
  });
  const isFar = !isFaithful(manifest.codec) || looksClosely(before.trust.get(peer));
  const explained = remembers(0) && isFaithful(manifest.codec) && isFar;
  const past = isFar ? Math.min((round - 1) * maxSteps, Math.ceil(RECALLED_STEPS / maxSteps) * maxSteps) : 0;
  const verdict = likeness && verdictOn(likeness, explained);
  const { trust, isOut } = judged(before.trust.get(peer), verdict, round);
  return {
    trust: new Map(before.trust).set(peer, trust),
    out: isOut ? new Set(before.out).add(peer) : before.out,
    nextAtStep: round * maxSteps + (past + maxSteps) / share,
  };
}

function likenessIn(
  { codec, parts }: RoundManifest,
  part: number,
  { own, sent }: { own: Work; sent: Uint8Array },
) {
  const { start, end } = parts[part] ?? { start: 0, end: 0 };
  const decoded = codecOf(codec)?.decode(sent, end - start);
  if (decoded?.kind !== 'decoded') throw new Error(`checkInTurn: part ${part} cannot be decoded`);
  return likenessOf(decoded.values, own.gradient.slice(start, end));
}
