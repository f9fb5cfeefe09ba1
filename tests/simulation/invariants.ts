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
  const told = record.volunteers + (record.missing?.length ?? 0);
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

/** What is wrong with a committed part: it shall be what its owner makes of the contributions that it names, and of nothing else. */
function untruth({ truth }: World, commit: CommittedRound, part: number): string | undefined {
  const { manifest, reduced, contributors: frozen } = commit;
  const { bytes, contributors } = reduced.get(part) ?? { bytes: new Uint8Array(), contributors: [] };
  if (bytes.byteLength > MAX_PART_BYTES) return 'is larger than a message may be';
  const { start, end } = manifest.parts[part] ?? { start: 0, end: 0 };
  const length = end - start;
  const weighted = contributors.flatMap((peer) => {
    const contributor = frozen.find((c) => c.peer === peer);
    const values = truth.get(truthKey(contributor?.hashes[part], length));
    return contributor && values ? [{ values, samples: contributor.samples, steps: contributor.steps }] : [];
  });
  if (weighted.length !== contributors.length) return 'names somebody who sent nothing';
  const expected = updateCodecOf(needCodec(manifest.codec)).encode(aggregate(manifest.rule, weighted));
  return sha256Hex(expected) === sha256Hex(bytes) ? undefined : 'is not what its bitmap names';
}

/** The owner that handed in a part; undefined where the coordinator reduced it itself. */
const ownerOf = ({ owners, here }: CommittedRound, part: number): string | undefined =>
  here.has(part) ? undefined : owners[part];

/** RD6: nobody but a lying owner makes a part of anything else than what it names. */
export function checkTruth(world: World): string[] {
  return [...world.coordinator.commits.values()].flatMap((commit) =>
    [...commit.reduced.keys()].flatMap((part) => {
      if (liesAsOwner(world.volunteers.get(ownerOf(commit, part) ?? ''))) return [];
      const wrong = untruth(world, commit, part);
      return wrong === undefined ? [] : [`round ${commit.manifest.round} part ${part} ${wrong}`];
    }),
  );
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

/** AG3 AG5 AG6: who lies, as an owner or about its training, is out within twenty rounds in which it did; nobody honest is ever excluded. */
export function checkJustice(world: World): string[] {
  const { coordinator, volunteers } = world;
  const innocent = [...coordinator.bans.values()].filter(
    ({ peer }) => volunteers.get(peer)?.lie === undefined,
  );
  const lied = new Map<string, number>();
  for (const commit of coordinator.commits.values()) {
    const liars = [...commit.reduced.keys()].flatMap((part) => {
      const owner = ownerOf(commit, part) ?? '';
      return liesAsOwner(volunteers.get(owner)) && untruth(world, commit, part) !== undefined ? [owner] : [];
    });
    for (const peer of new Set(liars)) lied.set(peer, (lied.get(peer) ?? 0) + 1);
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
