import { averageContributions } from '@murmur/core/aggregate/average';
import { CODEC_NAMES, codecOf, updateCodecOf } from '@murmur/core/codec/registry';
import { sha256Hex } from '@murmur/core/hash/sha256';
import { fold, key as makeKey } from '@murmur/core/random/key';
import type { RoundRecord } from '@murmur/core/protocol/run';
import {
  createCoordinatorNode,
  rulesOf,
  type CommittedRound,
  type CoordinatorNode,
} from './coordinatorNode.ts';
import { createNetwork, type Network } from './network.ts';
import { createVolunteerNode, type VolunteerNode, type World } from './volunteerNode.ts';

export interface Outcome {
  readonly seed: number;
  readonly rounds: number;
  readonly committed: number;
  readonly resyncs: number;
  /** Sentences; none is expected. */
  readonly broken: readonly string[];
}

const PARAMETERS = 8_200;
const STORMY_MS = 20_000;
/** Longer than the longest round: the first one of a coordinator may wait 80 s for somebody silent. */
const MOST_CALM_MS = 200_000;
const CALM_ROUNDS = 6;
const MOST_EVENTS = 200_000;

/** One seeded run: a storm of faults, then calm, with every rule checked on the way. */
export function simulate(seed: number): Outcome {
  const key = makeKey(seed);
  const pick = createNetwork(fold(key, 'faults'), { drop: 0, duplicate: 0, mostDelayMs: 1 });
  const network = createNetwork(key, {
    drop: 0.08 * pick.random(),
    duplicate: 0.1 * pick.random(),
    mostDelayMs: 20 + 600 * pick.random(),
  });
  const rules = rulesOf(PARAMETERS, 1_000, CODEC_NAMES[seed % CODEC_NAMES.length] ?? 'int8');
  const coordinator = createCoordinatorNode(network, rules);
  const volunteers = new Map<string, VolunteerNode>();
  const world: World = { network, coordinator, volunteers, truth: new Map(), resyncs: { count: 0 } };
  const count = 2 + Math.floor(pick.random() * 5);
  for (let i = 0; i < count; i++) {
    const peer = `peer${i}`;
    volunteers.set(peer, createVolunteerNode(peer, fold(key, peer), world));
    network.at(i * 300 * pick.random(), () => volunteers.get(peer)?.join());
  }
  scheduleFaults(world, pick);
  const broken: string[] = [];
  let events = 0;
  while (network.step(STORMY_MS) && events++ < MOST_EVENTS);
  calmDown(world);
  const before = coordinator.commits.size;
  const calmRounds = () => coordinator.commits.size - before;
  while (calmRounds() < CALM_ROUNDS && network.step(STORMY_MS + MOST_CALM_MS) && events++ < MOST_EVENTS);
  if (calmRounds() < CALM_ROUNDS)
    broken.push(`only ${calmRounds()} rounds committed in the calm after the storm`);
  broken.push(...checkRounds(coordinator), ...checkAgreement(world), ...checkTruth(world));
  broken.push(...checkCoverage(coordinator));
  // RD3: nothing that honest volunteers send is too large for what they were leased.
  broken.push(...coordinator.misfits.map((what) => `refused as not fitting: ${what}`));
  return {
    seed,
    // A coordinator that is killed while a version spreads never writes the closing line of that round.
    rounds: coordinator.commits.size + coordinator.records.filter((r) => r.reason !== null).length,
    committed: coordinator.commits.size,
    resyncs: world.resyncs.count,
    broken,
  };
}

/** Volunteers crash, return and lose the coordinator; the coordinator is killed and restarted. */
function scheduleFaults({ network, coordinator, volunteers }: World, pick: Network): void {
  for (const node of volunteers.values()) {
    for (let t = 2_000; t < STORMY_MS; t += 2_000) {
      if (pick.chance(0.1)) network.at(t + 2_000 * pick.random(), () => node.crash());
      if (pick.chance(0.2)) network.at(t + 2_000 * pick.random(), () => !node.alive() && node.join());
      if (pick.chance(0.05)) network.at(t + 2_000 * pick.random(), () => node.lose());
    }
  }
  for (let t = 5_000; t < STORMY_MS; t += 5_000) {
    if (!pick.chance(0.15)) continue;
    network.at(t + 5_000 * pick.random(), () => {
      coordinator.crash();
      for (const node of volunteers.values()) node.lose();
    });
  }
}

function calmDown({ network, volunteers }: World): void {
  network.calm();
  for (const node of volunteers.values()) if (!node.alive()) node.join();
}

/** RD9: every round ends within twice its budget; round numbers only grow. */
function checkRounds(coordinator: CoordinatorNode): string[] {
  const budget = (record: RoundRecord): number => {
    const commit = coordinator.commits.get(record.version)?.manifest;
    return commit ? 2 * (commit.trainMs + commit.reduceMs) : Infinity;
  };
  return coordinator.records.flatMap((record, i) => {
    const previous = coordinator.records[i - 1];
    const late = record.reason === null && record.durationMs > budget(record) + 1;
    const again =
      previous &&
      record.round <= previous.round &&
      record.version !== previous.version &&
      record.reason === null &&
      previous.reason === null;
    return [
      ...(late ? [`round ${record.round} took ${record.durationMs} ms of ${budget(record)}`] : []),
      ...(again ? [`round ${record.round} was committed twice`] : []),
    ];
  });
}

/** VS2: whoever says that it holds a version holds exactly it, and in the calm all hold the newest but one or newer. */
function checkAgreement({ coordinator, volunteers }: World): string[] {
  return [...volunteers.values()].flatMap((node) => {
    const held = node.holds();
    if (held !== '' && !coordinator.versions.has(held))
      return [`${node.peer} holds ${held.slice(0, 8)}, which nobody committed`];
    const said = node.life().version;
    return said !== undefined && said !== held && node.life().round === undefined
      ? [`${node.peer} says ${said.slice(0, 8)} and holds ${held.slice(0, 8)}`]
      : [];
  });
}

/** SH2: no example of an epoch is trained on twice by rounds that count, nor leased again after it. */
function checkCoverage({ commits, state }: CoordinatorNode): string[] {
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

/** RD6: a committed part is the average of the contributions it names, and of nothing else. */
function checkTruth({ coordinator, truth }: World): string[] {
  const check = ({ manifest, reduced, contributors: frozen }: CommittedRound): string[] => {
    const codec = codecOf(manifest.codec);
    return [...reduced].flatMap(([part, { bytes, contributors }]) => {
      const weighted = contributors.flatMap((peer) => {
        const contributor = frozen.find((c) => c.peer === peer);
        const values = truth.get(contributor?.hashes[part] ?? '');
        return contributor && values
          ? [{ values, samples: contributor.samples, steps: contributor.steps }]
          : [];
      });
      if (weighted.length !== contributors.length)
        return [`round ${manifest.round} part ${part} names somebody who sent nothing`];
      const expected = codec && updateCodecOf(codec).encode(averageContributions(weighted));
      return expected && sha256Hex(expected) === sha256Hex(bytes)
        ? []
        : [`round ${manifest.round} part ${part} is not what its bitmap names`];
    });
  };
  return [...coordinator.commits.values()].flatMap(check);
}
