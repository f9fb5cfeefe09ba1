/** What is known of rounds that have ended, and so of what a contribution of today may hold (AG6). */
import { codecOf } from '../codec/registry.ts';
import type { RoundManifest } from '../protocol/round.ts';
import { groupOf } from './groups.ts';
import type { In } from './open.ts';
import {
  NEWCOMER,
  type OpenRound,
  type PastRound,
  type RoundRules,
  type RoundState,
  type SpotCheck,
} from './state.ts';

/**
 * AdamW's moments fade by 0.9 and 0.95 a step: after so many hardly anything depends on what was before them
 * (`npm run bench -- spot`).
 */
export const RECALLED_STEPS = 20;
/** Enough where a round is one step; the last is the one in question. */
const MOST_PAST_ROUNDS = RECALLED_STEPS + 1;
/** Of the versions that all these rounds began from: whoever trains again needs them. */
const MOST_BASE_BYTES = 2 ** 28;
/** RD5: late work is carried over so many rounds at most. */
const MOST_ROUNDS_LATE = 4;

/** The past with this round, of which everything that those in `taken` have trained is in a version. */
export const remember = (
  { past }: RoundState,
  { manifest, ready }: Pick<OpenRound, 'manifest' | 'ready'>,
  taken: readonly string[],
): RoundState['past'] => {
  const samples = new Map([...ready].map(([peer, message]) => [peer, message.samples]));
  const carried = new Set([...ready].flatMap(([peer, message]) => (message.carried ? [peer] : [])));
  return [...past, { manifest, samples, carried, taken: new Set(taken) }].slice(-MOST_PAST_ROUNDS);
};

/** Who has nothing left of this round to carry: all whom it counts, unless a part is without their work (RD5, GR4). */
export function takenIn({ reduced, manifest, contributors, groups, joint }: In<'committing'>): string[] {
  if (reduced.size < manifest.parts.length) return [];
  const isWhole = (group: number): boolean =>
    [...(joint?.included.values() ?? [])].every((groupsIn) => groupsIn.includes(group));
  const whole = groups.map((_, group) => isWhole(group));
  return contributors.flatMap(({ peer }) => (whole[groupOf(groups, peer) ?? 0] ? [peer] : []));
}

const isMember = ({ members }: RoundManifest, peer: string): boolean =>
  members.some((member) => member.peer === peer);

/** So many rounds back the versions that they began from are to be kept for checks. */
export const recalledRounds = ({ parameters }: Pick<RoundRules, 'parameters'>): number =>
  Math.max(1, Math.min(MOST_PAST_ROUNDS, Math.floor(MOST_BASE_BYTES / (4 * parameters))));

/** The rounds since it is known what this volunteer had in mind that it was a member of, up to this one, newest first. */
function knownRounds(
  { past, volunteers, trust }: RoundState,
  { peer, round, most }: { peer: string; round: number; most: number },
): PastRound[] {
  const { doubtedRound = 0 } = trust.get(peer) ?? NEWCOMER;
  const since = Math.max(volunteers.get(peer)?.joinedRound ?? 0, doubtedRound);
  return past
    .slice(-most)
    .filter(({ manifest: m }) => m.round > since && m.round <= round && isMember(m, peer))
    .reverse();
}

export type Recalled = Pick<SpotCheck, 'stints'> & {
  /** Whether its optimiser depends on nothing but these. */
  readonly whole: boolean;
};

/** What this volunteer did up to this round, as far back as there is need to know and without a gap. */
export function recall(state: RoundState, peer: string, round: number, rules: RoundRules): Recalled {
  const stints: SpotCheck['stints'][number][] = [];
  let steps = 0;
  for (const { manifest, samples: all } of knownRounds(state, { peer, round, most: recalledRounds(rules) })) {
    const samples = all.get(peer);
    // What it did in a round in which it was not ready in time, nobody knows.
    if (samples === undefined) break;
    if (stints.length > 0) steps += stepsOf(manifest, peer, samples);
    stints.unshift({ manifest, samples });
    if (steps >= RECALLED_STEPS) break;
  }
  const moments = stints.at(-1)?.manifest.optimizer === 'adamw';
  return { stints: moments ? stints : stints.slice(-1), whole: !moments || steps >= RECALLED_STEPS };
}

const stepsOf = ({ batchSize, members }: RoundManifest, peer: string, samples: number): number =>
  samples / (batchSize * (members.find((member) => member.peer === peer)?.workers ?? 1));

/** Whether late work is in what this volunteer contributed to this round: by its own word, and some of it was in no version before (RD5). */
export function mayBeLate({ past, volunteers }: RoundState, peer: string, round: number): boolean {
  if (!past.find(({ manifest }) => manifest.round === round)?.carried.has(peer)) return false;
  const first = round - MOST_ROUNDS_LATE;
  const known = Math.max(volunteers.get(peer)?.joinedRound ?? 0, (past[0]?.manifest.round ?? round) - 1);
  if (known >= first && known > 0) return true;
  return past.some(
    ({ manifest: m, taken }) => m.round >= first && m.round < round && isMember(m, peer) && !taken.has(peer),
  );
}

/** Whether what this codec sends lies along what was trained: `topk` sends mostly what it owes from earlier rounds. */
export const isFaithful = (codec: string): boolean => (codecOf(codec)?.encodedBytes(4096) ?? 0) > 1024;
