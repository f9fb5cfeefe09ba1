/**
 * AG3: every round some part is reduced again, from the contributions that its owner named and that were committed to by
 * their hashes before anybody saw them. Arithmetic is the same on every machine, so other bytes are a lie.
 */
import { sha256Hex } from '../hash/sha256.ts';
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor } from '../protocol/round.ts';
import { banish } from './banning.ts';
import { canBeShown, chooseClaims } from './claims.ts';
import { mayEncode, type In } from './open.ts';
import { beginCheck } from './spotChecks.ts';
import {
  NEWCOMER,
  type Audit,
  type Claim,
  type RoundRules,
  type RoundState,
  type Step,
  type Trust,
} from './state.ts';

interface Context {
  readonly rules: RoundRules;
  readonly nowMs: number;
}

/** So often in a row a volunteer may fail to show what it contributed; a slow or restarted one does once. */
const MOST_REFUSALS = 3;

/** Asks for what was contributed to the first of the parts that are audited of this round; one audit at a time. */
export function beginAudit(state: RoundState, round: In<'committing'>, context: Context): Step {
  if (state.audit) return [state, []];
  const { manifest, contributors } = round;
  return openAudit(
    state,
    { manifest, known: contributors, later: chooseClaims(state, round, context.rules) },
    context,
  );
}

/** The next part that everybody who contributed to it is still here for. */
function openAudit(
  state: RoundState,
  { manifest, known, later: [first, ...later] }: Pick<Audit, 'manifest' | 'known' | 'later'>,
  context: Context,
): Step {
  if (!first) return [state, []];
  if (!canBeShown(state, first)) return openAudit(state, { manifest, known, later }, context);
  const named = known.filter((c) => first.claim.contributors.includes(c.peer));
  const audit: Audit = {
    ...{ manifest, known, later, ...first },
    contributors: named,
    inbox: new Map(),
    // Long enough to show a piece, short enough that nobody can shield a liar for many rounds by saying nothing.
    deadlineMs: context.nowMs + manifest.reduceMs / 2,
  };
  const message = { type: 'audit', round: manifest.round, part: first.part } as const;
  return [{ ...state, audit }, [{ type: 'send', to: named.map((c) => c.peer), message }]];
}

/**
 * Goes on with the next part. What was contributed is kept until the next round has ended: once that reduces, whoever is asked
 * might have nothing to show any more.
 */
function goOn(state: RoundState, audit: Audit, context: Context): Step {
  const { open } = state;
  const isKept =
    state.round === audit.manifest.round && (!open || ['training', 'spreading'].includes(open.phase));
  return isKept && !state.audit ? openAudit(state, audit, context) : [state, []];
}

/** What a contributor says that it contributed. Other bytes than it had announced are as good as none. */
export function takeEvidence(
  state: RoundState,
  audit: Audit,
  { peer, message }: { peer: string; message: MessageOf<VolunteerMessage, 'contribution'> },
  context: Context,
): Step {
  const { part } = audit;
  const contributor = audit.contributors.find((c) => c.peer === peer);
  if (message.part !== part || !contributor || audit.inbox.has(peer)) return [state, []];
  const announced =
    mayEncode(audit.manifest.parts[part], message.bytes) &&
    sha256Hex(message.bytes) === contributor.hashes[part];
  if (!announced) return countRefusals({ ...state, audit: undefined }, [contributor], context);
  const inbox = new Map(audit.inbox).set(peer, message.bytes);
  const heard: RoundState = {
    ...state,
    audit: { ...audit, inbox },
    helpBytes: state.helpBytes + message.bytes.byteLength,
    trust: trusting(state, peer, { refusals: 0 }),
  };
  if (inbox.size < audit.contributors.length) return [heard, []];
  const [judged, effects] = judge(heard, { ...audit, inbox }, context);
  const [checking, more] = beginCheck(judged, { ...audit, inbox }, context);
  const [next, last] = goOn(checking, audit, context);
  return [next, [...effects, ...more, ...last]];
}

function judge(state: RoundState, audit: Audit, context: Context): Step {
  const { manifest, part, owner, contributors, inbox, claim } = audit;
  const contributions = contributors.flatMap((contributor) => {
    const bytes = inbox.get(contributor.peer);
    return bytes ? [{ contributor, bytes }] : [];
  });
  const again = context.rules.reduce(manifest, part, contributions);
  const trust = trusting(state, owner, { auditedRound: manifest.round });
  const done: RoundState = { ...state, audit: undefined, trust };
  if (again.kind === 'reduced' && isSame(claim, again.bytes)) return [done, []];
  const sentence = `It handed in something else for part ${part + 1} of round ${manifest.round} than what the contributions that it named come to.`;
  const [banned, effects] = banish(done, owner, sentence, context);
  // Of several groups each has but a small share in a part, and no longer one than others: nothing is made good there.
  if (!claim.bytes) return [banned, effects];
  const truth = again.kind === 'reduced' ? again.bytes : undefined;
  const { codec } = manifest;
  return [
    banned,
    [...effects, { type: 'heal', part: manifest.parts[part]!, codec, lie: claim.bytes, truth }],
  ];
}

function isSame({ bytes, hash }: Claim, again: Uint8Array): boolean {
  if (!bytes) return hash === sha256Hex(again);
  return bytes.byteLength === again.byteLength && bytes.every((byte, i) => byte === again[i]);
}

/** An audit whose time is up ends without a judgement; whoever is here and did not answer is remembered. */
export function advanceAudit(state: RoundState, context: Context): Step {
  const { audit } = state;
  if (!audit || context.nowMs < audit.deadlineMs) return [state, []];
  const silent = audit.contributors.filter(
    ({ peer }) => !audit.inbox.has(peer) && state.volunteers.has(peer),
  );
  return countRefusals({ ...state, audit: undefined }, silent, context);
}

function countRefusals(state: RoundState, silent: readonly Contributor[], context: Context): Step {
  return silent.reduce<Step>(
    ([next, effects], { peer }) => {
      const refusals = (next.trust.get(peer)?.refusals ?? 0) + 1;
      const counted = { ...next, trust: trusting(next, peer, { refusals }) };
      if (refusals < MOST_REFUSALS) return [counted, effects];
      const sentence = `It did not show what it had contributed, ${MOST_REFUSALS} times in a row.`;
      const [banned, more] = banish(counted, peer, sentence, context);
      return [banned, [...effects, ...more]];
    },
    [state, []],
  );
}

/** Somebody who leaves takes the evidence along: no judgement, and no blame. */
export const withoutWitness = (state: RoundState, peer: string): RoundState =>
  state.audit?.contributors.some((c) => c.peer === peer) && !state.audit.inbox.has(peer)
    ? { ...state, audit: undefined }
    : state;

const trusting = (state: RoundState, peer: string, change: Partial<Trust>): RoundState['trust'] =>
  new Map(state.trust).set(peer, { ...NEWCOMER, ...state.trust.get(peer), ...change });
