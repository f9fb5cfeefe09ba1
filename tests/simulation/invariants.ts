/** The rules that no fault and no lie may break; each check gives sentences, none expected. */
import { aggregate } from '@murmur/core/aggregate/aggregate';
import { updateCodecOf } from '@murmur/core/codec/registry';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { MAX_PART_BYTES } from '@murmur/core/protocol/messages';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { needCodec, type CommittedRound, type CoordinatorNode } from './coordinatorNode.ts';
import { truthKey, type VolunteerNode, type World } from './volunteerNode.ts';

/** Rounds after which an owner that lied in all of them must be out (AG3). */
const MOST_LYING_ROUNDS = 20;
/** A replayed REDUCED of an earlier round is a lie about this one's part. */
const OWNER_LIES: readonly (string | undefined)[] = ['wrong-reduce', 'false-bitmap', 'replay'];

/**
 * What training again tells from honest work in any piece. Pieces of forty values may lie along noise by chance, and along what
 * all `alie` say, so that these two are found later here; of a real model they are a hundred times as long.
 */
const TRAINING_LIES: readonly (string | undefined)[] = ['sign-flip', 'scaled', 'inner-product'];
/** Contributions that count of one who lies about its training, until it is out (AG6): turns, the second check, and a restart. */
const MOST_LYING_CONTRIBUTIONS = 20;

/** After every event: RD9, no round outlives twice its budget, and nothing that is kept grows without bound. */
export function checkMoment({ coordinator, network, volunteers }: World): string | undefined {
  const { open, version } = coordinator.state();
  if (!coordinator.versions.has(version))
    return `the coordinator stands at ${version.slice(0, 8)}, which nobody committed`;
  if (!open) return undefined;
  const { manifest, openedAtMs } = open;
  const budgetMs = 2 * (manifest.trainMs + manifest.reduceMs);
  const tookMs = network.nowMs() - openedAtMs;
  if (tookMs > budgetMs + 2_000)
    return `round ${manifest.round} is open for ${Math.round(tookMs)} ms of ${budgetMs}`;
  return [...volunteers.values()].map(keepsTooMuch).find((sentence) => sentence !== undefined);
}

function keepsTooMuch(node: VolunteerNode): string | undefined {
  const { round } = node.life();
  if (!round) return undefined;
  const { members, parts } = round.manifest;
  const most = (members.length + 1) * parts.length;
  const kept = round.inbox.size + round.updates.size;
  return kept > most ? `${node.peer} keeps ${kept} pieces where there are ${most}` : undefined;
}

/** RD9 and nothing lost in silence: who is a member is in what was committed, or named as missing. */
export function checkRounds(coordinator: CoordinatorNode): string[] {
  return coordinator.records.flatMap((record, i) => [
    ...lateOf(record, coordinator),
    ...lostOf(record, coordinator),
    ...againOf(record, coordinator.records[i - 1]),
  ]);
}

function lateOf(record: RoundRecord, { commits }: CoordinatorNode): string[] {
  const manifest = commits.get(record.version)?.manifest;
  if (!manifest || record.reason !== null || manifest.round !== record.round) return [];
  const budgetMs = 2 * (manifest.trainMs + manifest.reduceMs);
  return record.durationMs > budgetMs + 1
    ? [`round ${record.round} took ${record.durationMs} ms of ${budgetMs}`]
    : [];
}

function lostOf(record: RoundRecord, { commits }: CoordinatorNode): string[] {
  const commit = commits.get(record.version);
  if (!commit || record.reason !== null || commit.manifest.round !== record.round) return [];
  const told = record.volunteers + (record.missingMembers ?? 0);
  return told === commit.manifest.members.length
    ? []
    : [`round ${record.round} accounts for ${told} of ${commit.manifest.members.length} members`];
}

function againOf(record: RoundRecord, previous: RoundRecord | undefined): string[] {
  const committed = record.reason === null && previous?.reason === null;
  return committed && record.round <= previous.round && record.version !== previous.version
    ? [`round ${record.round} was committed twice`]
    : [];
}

/** VS1 VS2: whoever says that it holds a version holds exactly it; in the calm all hold the newest. */
export function checkAgreement({ coordinator, volunteers }: World): string[] {
  const newest = coordinator.state().version;
  return [...volunteers.values()].flatMap((node) => {
    if (coordinator.bans.has(node.peer)) return [];
    const held = node.holds();
    const said = node.life().version;
    if (held !== '' && !coordinator.versions.has(held))
      return [`${node.peer} holds ${held.slice(0, 8)}, which nobody committed`];
    if (said !== undefined && said !== held)
      return [`${node.peer} says ${said.slice(0, 8)} and holds ${held.slice(0, 8)}`];
    return node.alive() && held !== newest
      ? [`${node.peer} holds ${held.slice(0, 8)} and not ${newest.slice(0, 8)} at the end`]
      : [];
  });
}

/** SH2: no example of an epoch is trained on twice by rounds that count, nor leased again after it. */
export function checkCoverage({ commits, state }: CoordinatorNode): string[] {
  const seen = new Set<string>();
  const broken: string[] = [];
  const see = (example: string) =>
    seen.has(example) ? broken.push(`${example} is seen twice`) : seen.add(example);
  for (const { manifest, contributors } of commits.values()) {
    for (const { peer, leases } of manifest.members) {
      let left = contributors.find((c) => c.peer === peer)?.samples ?? 0;
      for (const { shard, epoch, start, count } of leases) {
        for (let i = 0; i < Math.min(left, count); i++) see(`${epoch}/${shard.slice(0, 8)}/${start + i}`);
        left -= Math.min(left, count);
      }
    }
  }
  const { shards, free } = state().leases;
  for (const { shard, epoch, start, end } of free) {
    for (let i = start; i < end; i++) see(`${epoch}/${shards[shard]?.hash.slice(0, 8) ?? ''}/${i}`);
  }
  return broken.slice(0, 3);
}

const liesAsOwner = (node: VolunteerNode | undefined): boolean => OWNER_LIES.includes(node?.lie);

/** What these contributors to a part come to by the rule; undefined where one of them sent nothing. */
function truthOf({ truth }: World, commit: CommittedRound, part: number, names: readonly string[]) {
  const { manifest, contributors: frozen } = commit;
  const { start, end } = manifest.parts[part] ?? { start: 0, end: 0 };
  const weighted = names.flatMap((peer) => {
    const contributor = frozen.find((c) => c.peer === peer);
    const values = truth.get(truthKey(contributor?.hashes[part], end - start));
    return contributor && values ? [{ values, samples: contributor.samples, steps: contributor.steps }] : [];
  });
  return weighted.length === names.length ? aggregate(manifest.rule, weighted) : undefined;
}

/** What was handed in for a part, by whom, and what it should be: one claim a part, or of several groups one a group and part. */
interface HandedIn {
  readonly part: number;
  readonly owner: string | undefined;
  readonly contributors: readonly string[];
  readonly hash: string;
}

function handedIn({ joint, manifest, reduced, here, owners }: CommittedRound): HandedIn[] {
  const parts = manifest.parts.length;
  if (!joint)
    return [...reduced].map(([part, { bytes, contributors }]) => {
      const owner = here.has(part) ? undefined : owners[part];
      return { part, owner, contributors, hash: sha256Hex(bytes) };
    });
  return [...joint.partials].flatMap(([cell, { holder: owner, contributors, hash }]) => {
    const isIn = joint.included.get(cell % parts)?.includes(Math.floor(cell / parts));
    return isIn ? [{ part: cell % parts, owner, contributors, hash }] : [];
  });
}

/** What is wrong with it: it shall be what its owner makes of the contributions that it names, and of nothing else. */
function untruth(
  world: World,
  commit: CommittedRound,
  { part, contributors, hash }: HandedIn,
): string | undefined {
  const values = truthOf(world, commit, part, contributors);
  if (!values) return 'names somebody who sent nothing';
  const expected = updateCodecOf(needCodec(commit.manifest.codec)).encode(values);
  return sha256Hex(expected) === hash ? undefined : 'is not what its bitmap names';
}

/** RD6: nobody but a lying owner makes a part of anything else than what it names. */
export function checkTruth(world: World): string[] {
  return [...world.coordinator.commits.values()].flatMap((commit) => [
    ...[...commit.reduced].flatMap(([part, { bytes }]) =>
      bytes.byteLength > MAX_PART_BYTES ? [`part ${part} is larger than a message may be`] : [],
    ),
    ...handedIn(commit).flatMap((handed) => {
      if (liesAsOwner(world.volunteers.get(handed.owner ?? ''))) return [];
      const wrong = untruth(world, commit, handed);
      return wrong === undefined ? [] : [`round ${commit.manifest.round} part ${handed.part} ${wrong}`];
    }),
    ...[...commit.reduced.keys()].flatMap((part) => unlikeItsGroups(world, commit, part)),
  ]);
}

/** Every level of the tree encodes anew; a few values of a short vector may be off by this much of the longest. */
const MOST_ENCODING_ERROR = 0.2;

/** GR3: what several groups have made of a part together is the mean of what those that are in it have made of it. */
function unlikeItsGroups(world: World, commit: CommittedRound, part: number): string[] {
  const { joint, manifest, reduced } = commit;
  const inIt = joint?.included.get(part);
  const bytes = reduced.get(part)?.bytes;
  // `sparse` leaves out all but the largest values at every level (CD2).
  if (!joint || !inIt || !bytes || manifest.codec === 'topk') return [];
  if ([...world.volunteers.values()].some(liesAsOwner)) return [];
  const { start, end } = manifest.parts[part] ?? { start: 0, end: 0 };
  const of = inIt.flatMap((group) => {
    const names = joint.partials.get(group * manifest.parts.length + part)?.contributors ?? [];
    const values = truthOf(world, commit, part, names);
    const samples = names.reduce(
      (sum, p) => sum + (commit.contributors.find((c) => c.peer === p)?.samples ?? 0),
      0,
    );
    return values ? [{ values, weight: manifest.rule === 'mean' ? samples : names.length }] : [];
  });
  const decoded = updateCodecOf(needCodec(manifest.codec)).decode(bytes, end - start);
  if (decoded.kind === 'refused' || of.length !== inIt.length)
    return [`part ${part} cannot be what it names`];
  const total = of.reduce((sum, { weight }) => sum + weight, 0);
  const mean = Array.from(decoded.values, (_, i) =>
    of.reduce((sum, { values, weight }) => sum + (weight / total) * (values[i] as number), 0),
  );
  const scale = Math.max(...of.flatMap(({ values }) => [...values].map(Math.abs)));
  const off = Math.max(...mean.map((value, i) => Math.abs(value - (decoded.values[i] as number))));
  return off <= MOST_ENCODING_ERROR * scale
    ? []
    : [`round ${manifest.round} part ${part} is off by ${(off / scale).toFixed(2)} of its groups`];
}

/** RD7: a part is lost only where nobody was left who could have reduced it, unless messages get lost. */
export function checkParts(world: World): string[] {
  const { coordinator, scenario } = world;
  if (scenario.drop > 0 || scenario.controlDrop > 0) return [];
  return [...coordinator.commits.values()].flatMap((commit) => {
    const { manifest, reduced, contributors } = commit;
    const missing = manifest.parts.length - reduced.size;
    // Those who reached no owner are no contributors any more: whoever was well would be one.
    const well = contributors.some(({ peer }) => wasWell(world, peer, commit));
    return missing > 0 && well
      ? [`round ${manifest.round} was committed with ${reduced.size} of ${manifest.parts.length} parts`]
      : [];
  });
}

const wasWell = ({ troubles }: World, who: string, { frozenAtMs, committedAtMs }: CommittedRound): boolean =>
  !troubles.some(
    ({ peer, fromMs, untilMs }) => peer === who && fromMs < committedAtMs && untilMs > frozenAtMs,
  );

/**
 * AG3 AG5 AG6: who lies, as an owner or about its training, is out within twenty rounds in which it did, of several groups within
 * as many more; nobody honest is ever excluded.
 */
export function checkJustice(world: World): string[] {
  const { coordinator, volunteers } = world;
  const innocent = [...coordinator.bans.values()].filter(
    ({ peer }) => volunteers.get(peer)?.lie === undefined,
  );
  const lied = new Map<string, number>();
  for (const commit of coordinator.commits.values()) {
    const liars = handedIn(commit).flatMap((handed) => {
      const owner = handed.owner ?? '';
      return liesAsOwner(volunteers.get(owner)) && untruth(world, commit, handed) !== undefined
        ? [owner]
        : [];
    });
    // One claim is checked a round, however many groups there are.
    for (const peer of new Set(liars)) lied.set(peer, (lied.get(peer) ?? 0) + 1 / commit.groups.length);
  }
  return [
    ...innocent.map((ban) => `${ban.peer} is honest and was excluded: ${ban.sentence}`),
    ...[...lied].flatMap(([peer, rounds]) =>
      rounds > MOST_LYING_ROUNDS ? [`${peer} lied as an owner in ${rounds} rounds`] : [],
    ),
    ...lyingTrainees(world),
  ];
}

function lyingTrainees({ scenario, coordinator, volunteers }: World): string[] {
  // Of topk nobody is here for long enough to be judged, and whoever shows nothing holds up what others show until it is out itself.
  if (scenario.codec === 'topk' || [...scenario.liars.values()].includes('mute')) return [];
  const counted = [...coordinator.commits.values()].flatMap(({ contributors }) => contributors);
  return [...volunteers.values()].flatMap(({ peer, lie }) => {
    const lies = TRAINING_LIES.includes(lie) ? counted.filter((c) => c.peer === peer).length : 0;
    return lies > MOST_LYING_CONTRIBUTIONS ? [`${peer} lied about its training in ${lies} rounds`] : [];
  });
}
