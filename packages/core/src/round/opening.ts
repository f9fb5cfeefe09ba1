import { ruleFor } from '../aggregate/rules.ts';
import { MOST_GROUPS, MOST_MEMBERS, type Member, type RoundManifest } from '../protocol/round.ts';
import type { CodecName } from '../codec/registry.ts';
import { divideIntoGroups, giveParts, neighboursOf, sharedRanges, type Group } from './groups.ts';
import { chooseCodec } from './ladder.ts';
import { coverage, leaseEach, type LeaseBook } from './leases.ts';
import {
  chooseBatch,
  chooseReduceMs,
  chooseSteps,
  chooseTrainMs,
  mostExamples,
  mostSteps,
  planParts,
} from './plan.ts';
import { uplinkShares } from './uplink.ts';
import {
  progressOf,
  type RoundEffect,
  type RoundRules,
  type RoundState,
  type Step,
  type Volunteer,
} from './state.ts';

/** Time over the training budget that a volunteer gets to fetch shards, encode and answer. */
const ANSWER_MS = 5_000;

const available = (state: RoundState): Volunteer[] =>
  [...state.volunteers.values()].filter((v) => v.state === 'available');

/** Whether enough volunteers are here, or have been waited for long enough. */
function mayOpen(state: RoundState, rules: RoundRules, nowMs: number): boolean {
  if (state.phase !== 'running' || state.open || nowMs < state.notBeforeMs) return false;
  const count = available(state).length;
  const waited = state.begun && nowMs >= state.waitingSinceMs + rules.patienceMs;
  return count >= rules.quorum || (count > 0 && waited);
}

/** Those who have waited longest first, so that everybody gets a turn. */
const chooseMembers = (state: RoundState): Volunteer[] =>
  available(state)
    .sort((a, b) => a.lastRound - b.lastRound || (a.peer < b.peer ? -1 : 1))
    .slice(0, MOST_GROUPS * MOST_MEMBERS);

/** The most workers of one volunteer for which, with as many of all others, so many examples are there; one at least. */
function workersThatFit(volunteers: readonly Volunteer[], examplesEach: number, examples: number): number {
  const taken = (most: number) =>
    volunteers.reduce((sum, { workers }) => sum + examplesEach * Math.min(workers, most), 0);
  let most = Math.max(...volunteers.map(({ workers }) => workers));
  while (most > 1 && taken(most) > examples) most--;
  return most;
}

/**
 * Leases each volunteer the examples of one worker for each that it has; fewer, but never less than for one, where
 * all together would take more than a round may.
 */
function leaseToAll(
  book: LeaseBook,
  volunteers: readonly Volunteer[],
  examplesEach: number,
): [LeaseBook, Member[]] {
  const mostWorkers = workersThatFit(volunteers, examplesEach, mostExamples(coverage(book).examples));
  const wanted = volunteers.map(({ peer, workers }) => ({
    ...{ peer, count: examplesEach * Math.min(workers, mostWorkers) },
  }));
  const given = leaseEach(book, wanted);
  const members = volunteers.map(({ peer, name, workers }, i) => ({
    ...{ peer, name, workers, leases: given.leases[i] ?? [] },
  }));
  return [given.book, members];
}

/** Who owns how much: by uplink among those who reach the others directly; among all where nobody does (RD11). */
function ownersOf(chosen: readonly Volunteer[]): { owners: string[]; shares: number[] } {
  const meshed = chosen.filter((v) => v.meshed);
  const owners = meshed.length > 0 ? meshed : chosen;
  const shares = uplinkShares(
    owners.map((v) => v.uplink),
    chosen.length,
  );
  return { owners: owners.map((v) => v.peer), shares };
}

/** One group where it can hold all; else several, in the order of their names, so that links last from round to round (GR1). */
function groupsFor(
  chosen: readonly Volunteer[],
  members: readonly Member[],
  { parameters, partAlignment }: RoundRules,
): Group[] {
  if (chosen.length <= MOST_MEMBERS) {
    const { owners, shares } = ownersOf(chosen);
    const parts = planParts(parameters, owners, shares, partAlignment, chosen.length);
    return [{ members, parts }];
  }
  const ranges = sharedRanges(parameters, partAlignment);
  const memberOf = new Map(members.map((m) => [m.peer, m]));
  const inOrder = [...chosen].sort((a, b) => (a.peer < b.peer ? -1 : 1));
  return divideIntoGroups(inOrder, MOST_MEMBERS).map((volunteers) => {
    const { owners, shares } = ownersOf(volunteers);
    const parts = giveParts(ranges, owners, shares);
    return { members: volunteers.flatMap((v) => memberOf.get(v.peer) ?? []), parts };
  });
}

/** What each member is sent: the manifest of its group, and where there are several whom it may have to reach in others. */
function announcements(manifest: RoundManifest, groups: readonly Group[]): RoundEffect[] {
  const count = groups.length;
  if (count === 1)
    return [{ type: 'send', to: manifest.members.map((m) => m.peer), message: { type: 'round', manifest } }];
  return groups.flatMap(({ members, parts }, index) =>
    members.map(({ peer }): RoundEffect => {
      const group = { index, count, neighbours: neighboursOf(groups, index, peer) };
      const own = { ...manifest, members: [...members], parts: [...parts], group };
      return { type: 'send', to: [peer], message: { type: 'round', manifest: own } };
    }),
  );
}

/** What an operator has fixed, or what these members' links carry (CD3). */
function codecFor(state: RoundState, chosen: readonly Volunteer[], rules: RoundRules): CodecName {
  if (rules.codec !== 'auto') return rules.codec;
  const uplinks = chosen.map((v) => v.uplink);
  return chooseCodec(state.codec, { parameters: rules.parameters, uplinks });
}

/** Opens the next round where it may (RD1). */
export function tryOpen(state: RoundState, rules: RoundRules, nowMs: number): Step {
  if (!mayOpen(state, rules, nowMs)) return [state, []];
  const round = state.round + 1;
  const chosen = chooseMembers(state);
  const workers = chosen.reduce((sum, volunteer) => sum + volunteer.workers, 0);
  const batchSize = chooseBatch(rules.batch, workers);
  const { examples } = coverage(state.leases);
  const most = mostSteps(rules.target, state.pace, { examples, workers, batchSize });
  const maxSteps = rules.innerSteps === 'auto' ? chooseSteps(state.pace, most) : rules.innerSteps;
  const [leases, members] = leaseToAll(state.leases, chosen, maxSteps * batchSize);
  const groups = groupsFor(chosen, members, rules);
  const codec = codecFor(state, chosen, rules);
  const manifest: RoundManifest = {
    run: rules.run,
    round,
    base: state.version,
    members: groups.flatMap((group) => group.members),
    parts: [...(groups[0]?.parts ?? [])],
    codec,
    rule: ruleFor(rules.aggregate, Math.min(...groups.map((group) => group.members.length))),
    seed: rules.seed,
    optimizer: rules.optimizer,
    learningRate: rules.learningRateAt(progressOf(state, rules.target)),
    batchSize,
    minSteps: 1,
    maxSteps,
    trainMs: chooseTrainMs(state.pace, maxSteps),
    reduceMs: chooseReduceMs(state.pace, rules.reduceMs, state.reducePatience),
  };
  const volunteers = new Map(state.volunteers);
  for (const v of chosen) volunteers.set(v.peer, { ...v, lastRound: round });
  const capMs = nowMs + manifest.trainMs * 1.25 + ANSWER_MS;
  const open = {
    phase: 'training',
    manifest,
    groups,
    openedAtMs: nowMs,
    deadlineMs: capMs,
    capMs,
    ready: new Map(),
    readyAtMs: new Map(),
    out: new Set<string>(),
  } as const;
  return [
    { ...state, volunteers, leases, open, codec, begun: true, relayBytes: 0 },
    [...announcements(manifest, groups), { type: 'statusChanged' }],
  ];
}
