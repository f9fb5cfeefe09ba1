/**
 * AG3: every round one part is reduced again, from the contributions that its owner named and that were committed to by
 * their hashes before anybody saw them. Arithmetic is the same on every machine, so other bytes are a lie.
 */
import { sha256Hex } from '../hash/sha256.ts';
import { fold, uniformStream } from '../random/key.ts';
import type { MessageOf, VolunteerMessage } from '../protocol/messages.ts';
import type { Contributor } from '../protocol/round.ts';
import { banish } from './banning.ts';
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

/** An owner that was never audited counts as one whose turn was so many rounds ago. */
const NEW_OWNER_AGE = 8;
/** So often in a row a volunteer may fail to show what it contributed; a slow or restarted one does once. */
const MOST_REFUSALS = 3;

interface Candidate {
  readonly part: number;
  readonly owner: string;
  readonly claim: Claim;
}

/** What can be reduced again: every part that an owner handed in, or of several groups what each has made of each. */
function candidatesOf({ owners, here, reduced, joint, manifest }: In<'committing'>): Candidate[] {
  if (!joint)
    return owners.flatMap((owner, part) => {
      const { bytes, contributors } = reduced.get(part) ?? {};
      return contributors && !here.has(part)
        ? [{ part, owner, claim: { contributors, bytes, hash: undefined } }]
        : [];
    });
  return [...joint.partials].flatMap(([cell, { holder, hash, contributors }]) => {
    const [group, part] = [Math.floor(cell / manifest.parts.length), cell % manifest.parts.length];
    const claim = { contributors, hash, bytes: undefined };
    return joint.included.get(part)?.includes(group) ? [{ part, owner: holder, claim }] : [];
  });
}

/**
 * What is audited: drawn by the square of the rounds since its owner was last, so that nobody waits long and nobody
 * knows when. Only what every contributor of is still here can be.
 */
function chooseClaim(state: RoundState, round: In<'committing'>, { rules }: Context): Candidate | undefined {
  const number = round.manifest.round;
  const candidates = candidatesOf(round);
  const weights = candidates.map(({ owner, claim }) => {
    const possible =
      claim.contributors.length > 0 && claim.contributors.every((peer) => state.volunteers.has(peer));
    const age = number - (state.trust.get(owner)?.auditedRound ?? number - NEW_OWNER_AGE);
    return possible ? age ** 2 : 0;
  });
  let left = uniformStream(fold(rules.auditKey, number))() * weights.reduce((a, b) => a + b, 0);
  return candidates[weights.findIndex((weight) => weight > 0 && (left -= weight) < 0)];
}

/** Asks the contributors of one part for what they contributed; one audit at a time. */
export function beginAudit(state: RoundState, round: In<'committing'>, context: Context): Step {
  const chosen = state.audit ? undefined : chooseClaim(state, round, context);
  if (!chosen) return [state, []];
  const { manifest } = round;
  const { part, owner, claim } = chosen;
  const named = round.contributors.filter((c) => claim.contributors.includes(c.peer));
  const audit: Audit = {
    manifest,
    part,
    owner,
    claim,
    contributors: named,
    inbox: new Map(),
    // Long enough to show a piece, short enough that nobody can shield a liar for many rounds by saying nothing.
    deadlineMs: context.nowMs + manifest.reduceMs / 2,
  };
  const message = { type: 'audit', round: manifest.round, part } as const;
  return [{ ...state, audit }, [{ type: 'send', to: named.map((c) => c.peer), message }]];
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
  return [checking, [...effects, ...more]];
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
