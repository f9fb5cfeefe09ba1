/** What a member does between groups: results of its own are combined along a tree, updates handed on along another (GR2–GR4). */
import { sha256Hex } from '../hash/sha256.ts';
import type { CombinePlan, Contributor } from '../protocol/round.ts';
import type { PartContribution, ReduceResult } from '../volunteer/ports.ts';
import { packResult, unpackResult, wireOf, wirePart } from './groupResult.ts';
import type { Between, PeerRound, PeerRoundEffect, PeerRoundEvent, PeerStep } from './peerState.ts';

export const NOTHING_BETWEEN: Between = {
  own: new Map(),
  plans: new Map(),
  results: new Map(),
  begun: new Map(),
  early: [],
  handOn: new Map(),
};

/** What strangers may leave here before it is known who of them is awaited; of one no more than there are parts, or it would take the place of others. */
const MOST_EARLY = 64;

export const isInGroups = ({ manifest }: Pick<PeerRound, 'manifest'>): boolean =>
  manifest.group !== undefined;

const resultKey = (part: number, attempt: number, peer: string): string => `${part}/${attempt}/${peer}`;
const senderOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);
const withBetween = (round: PeerRound, change: Partial<Between>): PeerRound => ({
  ...round,
  between: { ...round.between, ...change },
});

/** The own group has reduced a part: its hash goes to the coordinator, the bytes wait for a plan. */
export function keepResult(
  round: PeerRound,
  part: number,
  { bytes, contributors }: Extract<ReduceResult, { kind: 'reduced' }>,
): PeerStep {
  const own = new Map(round.between.own).set(part, bytes);
  const message = {
    ...({ type: 'partial', round: round.manifest.round, part } as const),
    ...{ contributors: [...contributors], hash: sha256Hex(bytes) },
  };
  const [next, effects] = combineReady(withBetween(round, { own }), part, false);
  return [next, [{ type: 'tell', message }, ...effects]];
}

/** COMBINE: where this member stands in the trees of its parts, and with whom it has to do. */
export function takePlans(round: PeerRound, plans: readonly CombinePlan[], nowMs: number): PeerStep {
  const newer = plans.filter(({ part, attempt }) => attempt > (round.between.plans.get(part)?.attempt ?? -1));
  const all = new Map(round.between.plans);
  for (const plan of newer) all.set(plan.part, { ...plan, untilMs: nowMs + plan.waitMs });
  const peers = newer.flatMap(({ parent, children }) => [
    ...(parent === null ? [] : [parent]),
    ...children.map((child) => child.peer),
  ]);
  const strangers = [...new Set(peers)].filter((peer) => !round.manifest.group?.neighbours.includes(peer));
  const meet: PeerRoundEffect[] = strangers.length === 0 ? [] : [meetAlso(round, strangers)];
  const [next, effects] = newer.reduce<PeerStep>(
    ([now, before], { part }) => {
      const [after, more] = combineReady(now, part, false);
      return [after, [...before, ...more]];
    },
    [withBetween(round, { plans: all }), []],
  );
  return [next, [...meet, ...effects]];
}

/** Links to members, to those whom the manifest foresees, and to these. */
function meetAlso({ manifest, self }: PeerRound, peers: readonly string[]): PeerRoundEffect {
  const known = [...manifest.members.map((m) => m.peer), ...(manifest.group?.neighbours ?? [])];
  const all = new Set([...known, ...peers].filter((peer) => peer !== self));
  return { type: 'meshWith', peers: [...all], round: manifest.round };
}

/** A result from the holder of another group: from a child in the plan, or from anybody while there is none yet. */
export function takeResult(round: PeerRound, from: string, wire: number, bytes: Uint8Array): PeerStep {
  const { part, attempt } = wireOf(wire);
  const { results, plans } = round.between;
  const key = resultKey(part, attempt, from);
  if (!isInGroups(round) || !round.manifest.parts[part] || results.has(key)) return [round, []];
  const plan = plans.get(part);
  const isAwaited = plan?.attempt === attempt && plan.children.some((child) => child.peer === from);
  const isEarly = attempt > (plan?.attempt ?? -1) && hasRoom(round, [...results.keys()].map(senderOf), from);
  if (!isAwaited && !isEarly) return [round, []];
  return combineReady(withBetween(round, { results: new Map(results).set(key, bytes) }), part, false);
}

const hasRoom = ({ manifest }: PeerRound, senders: readonly string[], from: string): boolean =>
  senders.length < MOST_EARLY && senders.filter((sender) => sender === from).length < manifest.parts.length;

/** Combines a part once every child's result is here; or now, when `force`. Of a child that leaves the coordinator makes a new plan. */
export function combineReady(round: PeerRound, part: number, force: boolean): PeerStep {
  const { plans, own, results, begun } = round.between;
  const plan = plans.get(part);
  const mine = own.get(part);
  if (!plan || !mine || (begun.get(part) ?? -1) >= plan.attempt) return [round, []];
  const { attempt, children } = plan;
  const awaited = children.some(({ peer }) => !results.has(resultKey(part, attempt, peer)));
  if (awaited && !force) return [round, []];
  const taken: { groups: number[]; result: PartContribution }[] = [
    { groups: [plan.own.group], result: weighed(round.self, plan.own.weight, mine) },
  ];
  for (const child of children) {
    const below = unpackResult(results.get(resultKey(part, attempt, child.peer)));
    const weights = new Map(child.groups.map(({ group, weight }) => [group, weight]));
    // Groups that are not below this child are none of its business.
    if (!below || !below.groups.every((group) => weights.has(group))) continue;
    const weight = below.groups.reduce((sum, group) => sum + (weights.get(group) as number), 0);
    taken.push({ groups: below.groups, result: weighed(child.peer, weight, below.bytes) });
  }
  const next = withBetween(round, { begun: new Map(begun).set(part, attempt) });
  const groups = taken.flatMap((t) => t.groups);
  if (taken.length === 1) return passUp(next, { part, attempt, groups, bytes: mine });
  const effect = { type: 'combinePart', part, attempt, groups, results: taken.map((t) => t.result) } as const;
  return [next, [effect]];
}

const weighed = (peer: string, samples: number, bytes: Uint8Array): PartContribution => {
  const contributor: Contributor = { peer, samples, steps: 1, hashes: [] };
  return { contributor, bytes };
};

export function takeCombined(
  round: PeerRound,
  { part, attempt, groups, result }: Extract<PeerRoundEvent, { type: 'combined' }>,
): PeerStep {
  const plan = round.between.plans.get(part);
  const own = round.between.own.get(part);
  if (!plan || !own || plan.attempt !== attempt) return [round, []];
  const combined = new Set(result.kind === 'reduced' ? result.contributors : []);
  const whole = result.kind === 'reduced' && combined.size === 1 + plan.children.length;
  if (whole) return passUp(round, { part, attempt, groups, bytes: result.bytes });
  // Something below could not be read: what the own group has made goes on alone.
  return passUp(round, { part, attempt, groups: [plan.own.group], bytes: own });
}

/** To the parent, or from the root of the tree to the coordinator. */
function passUp(
  round: PeerRound,
  {
    part,
    attempt,
    groups,
    bytes,
  }: { part: number; attempt: number; groups: number[] | readonly number[]; bytes: Uint8Array },
): PeerStep {
  const parent = round.between.plans.get(part)?.parent;
  if (parent === undefined) return [round, []];
  if (parent !== null) {
    const packed = packResult(groups, bytes);
    return [
      round,
      [{ type: 'transmit', to: parent, kind: 'partial', part: wirePart(part, attempt), bytes: packed }],
    ];
  }
  const message = {
    ...({ type: 'reduced', round: round.manifest.round, part } as const),
    ...{ contributors: [], groups: [...groups], attempt, bytes },
  };
  return [round, [{ type: 'tell', message }]];
}

/** Those who were waited for too long are not waited for any more. */
export function combineOverdue(round: PeerRound, nowMs: number): PeerStep {
  return [...round.between.plans.values()].reduce<PeerStep>(
    ([now, effects], { part, untilMs }) => {
      const [next, more] = combineReady(now, part, nowMs >= untilMs);
      return [next, [...effects, ...more]];
    },
    [round, []],
  );
}

/** When a child is not waited for any longer. */
export function combineWakeMs({ between }: PeerRound): number | undefined {
  const waiting = [...between.plans.values()].filter(
    ({ part, attempt }) => between.own.has(part) && (between.begun.get(part) ?? -1) < attempt,
  );
  return waiting.length === 0 ? undefined : Math.min(...waiting.map((plan) => plan.untilMs));
}

/** An update of a part for the own group, for those outside of it who are named, and for itself. */
export function handOnUpdate(round: PeerRound, part: number, bytes: Uint8Array): PeerRoundEffect[] {
  const group = round.manifest.members.flatMap(({ peer }) =>
    peer === round.self || round.gone.has(peer) ? [] : [peer],
  );
  const outside = round.between.handOn.get(part) ?? [];
  // Others wait for those outside, so that these come first.
  return [...outside, ...group].map((to) => ({ type: 'transmit', to, kind: 'update', part, bytes }));
}

/** An update from outside of the group: believed only where it is what COMMIT has named, and only by those who hand it on. */
export function takeForeignUpdate(
  round: PeerRound,
  { from, part, bytes }: { from: string; part: number; bytes: Uint8Array },
): { round: PeerRound; effects: PeerRoundEffect[]; isGood: boolean } {
  const nothing = { round, effects: [], isGood: false };
  if (!isInGroups(round) || !round.manifest.parts[part]) return nothing;
  if (!round.commit) {
    const { early } = round.between;
    const senders = early.map((update) => update.from);
    if (!hasRoom(round, senders, from)) return nothing;
    return { ...nothing, round: withBetween(round, { early: [...early, { from, part, bytes }] }) };
  }
  if (!round.between.handOn.has(part) || round.updates.has(part)) return nothing;
  if (sha256Hex(bytes) !== round.commit.updates[part]) return nothing;
  return { round, effects: handOnUpdate(round, part, bytes), isGood: true };
}

export const takeHandOn = (
  round: PeerRound,
  handOn: readonly { readonly part: number; readonly to: readonly string[] }[],
): PeerRound =>
  withBetween(round, {
    handOn: new Map([...round.between.handOn, ...handOn.map(({ part, to }) => [part, to] as const)]),
  });
