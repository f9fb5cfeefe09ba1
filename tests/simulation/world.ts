import { fold, uniformStream } from '@murmur/core/random/key';
import { createCoordinatorNode, rulesOf } from './coordinatorNode.ts';
import {
  checkAgreement,
  checkCoverage,
  checkJustice,
  checkMoment,
  checkParts,
  checkRounds,
  checkTruth,
} from './invariants.ts';
import { createNetwork } from './network.ts';
import { scenarioOf, type Planted, type Scenario } from './scenario.ts';
import { createVolunteerNode, type VolunteerNode, type World } from './volunteerNode.ts';

export interface Outcome {
  readonly seed: number;
  readonly kind: Scenario['kind'];
  readonly rounds: number;
  readonly committed: number;
  readonly resyncs: number;
  readonly bans: number;
  /** Of the committed rounds, how many had another codec than the one before. */
  readonly codecChanges: number;
  /** Whether no round was committed any more though all was calm. */
  readonly hung: boolean;
  /** Sentences; none is expected. */
  readonly broken: readonly string[];
}

const PARAMETERS = 320;
/** Longer than the longest round: the first one of a coordinator may wait 80 s for somebody silent. */
const MOST_CALM_MS = 300_000;
const CALM_ROUNDS = 4;
/** Enough for whoever holds an old version to fetch the last one. */
const SETTLE_MS = 120_000;
const MOST_EVENTS = 400_000;

/** One seeded run: faults and lies for a while, then calm, with every rule checked on the way. */
export function simulate(seed: number, planted?: Planted): Outcome {
  const scenario = scenarioOf(seed, planted);
  const world = createWorld(scenario);
  const { network, coordinator } = world;
  const broken: string[] = [];
  let events = 0;
  const play = (untilMs: number, done: () => boolean): void => {
    while (!done() && broken.length === 0 && network.step(untilMs) && events++ < MOST_EVENTS) {
      const wrong = checkMoment(world);
      if (wrong !== undefined) broken.push(wrong);
    }
  };
  play(scenario.stormyMs, () => false);
  calmDown(world);
  const before = coordinator.commits.size;
  const calmRounds = () => coordinator.commits.size - before;
  play(scenario.stormyMs + MOST_CALM_MS, () => calmRounds() >= CALM_ROUNDS);
  const hung = broken.length === 0 && calmRounds() < CALM_ROUNDS;
  if (hung) broken.push(`only ${calmRounds()} rounds were committed in the calm after the storm`);
  coordinator.command('pause');
  play(network.nowMs() + SETTLE_MS, () => false);
  broken.push(...(hung ? [] : checkAgreement(world)), ...checkRounds(coordinator), ...checkTruth(world));
  broken.push(
    ...checkCoverage(coordinator),
    ...checkParts(world),
    ...checkJustice(world),
    ...misfitsOf(world),
  );
  return { ...tally(world), hung, broken };
}

function tally({ scenario, coordinator, counts }: World): Omit<Outcome, 'hung' | 'broken'> {
  const { seed, kind } = scenario;
  const committed = coordinator.commits.size;
  const abandoned = coordinator.records.filter((r) => r.reason !== null).length;
  // A coordinator that is killed while a version spreads never writes the closing line of that round.
  const rounds = committed + abandoned;
  const codecs = [...coordinator.commits.values()].map(({ manifest }) => manifest.codec);
  const codecChanges = codecs.filter((codec, i) => i > 0 && codec !== codecs[i - 1]).length;
  return {
    seed,
    kind,
    rounds,
    committed,
    resyncs: counts.resyncs,
    bans: coordinator.bans.size,
    codecChanges,
  };
}

/** @param parameters that the short vector has: more of them can be cut into shares more evenly. */
export function createWorld(scenario: Scenario, parameters = PARAMETERS): World {
  const { key, drop, duplicate, mostDelayMs } = scenario;
  const network = createNetwork(key, { drop, duplicate, mostDelayMs });
  const coordinator = createCoordinatorNode(network, scenario, rulesOf(parameters, scenario));
  const volunteers = new Map<string, VolunteerNode>();
  const blocked = new Set<string>();
  const pick = uniformStream(fold(key, 'faults'));
  const calmFrom = { ms: Infinity };
  const world: World = {
    ...{ scenario, network, coordinator, volunteers, truth: new Map(), troubles: [] },
    counts: { resyncs: 0, relayed: 0, sentBy: new Map() },
    blocked: (a, b) => blocked.has(a < b ? `${a} ${b}` : `${b} ${a}`),
    calm: () => network.nowMs() >= calmFrom.ms,
  };
  for (let i = 0; i < scenario.volunteers; i++) {
    const peer = `peer${i}`;
    // Of a crowd there are too many pairs to draw for nothing.
    for (const other of scenario.steady ? [] : volunteers.keys())
      if (pick() < scenario.blockedPairs) blocked.add(`${other} ${peer}`);
    volunteers.set(peer, createVolunteerNode(peer, fold(key, peer), world, scenario.liars.get(i)));
    network.at((scenario.steady ? 1_000 : i * 300) * pick(), () => volunteers.get(peer)?.join());
  }
  calmFrom.ms = scenario.stormyMs;
  scheduleFaults(world, pick);
  return world;
}

/** Connections break, and the coordinator is killed and started again. */
function scheduleFaults({ scenario, network, coordinator, volunteers }: World, pick: () => number): void {
  for (let t = 5_000; t < scenario.stormyMs; t += 5_000) {
    for (const node of volunteers.values())
      if (pick() < scenario.churn / 2) network.at(t + 5_000 * pick(), () => disconnect(node, coordinator));
    if (pick() >= scenario.restarts) continue;
    network.at(t + 5_000 * pick(), () => {
      coordinator.crash();
      for (const node of volunteers.values()) node.lose();
    });
  }
}

function disconnect(node: VolunteerNode, coordinator: World['coordinator']): void {
  if (!node.alive()) return;
  coordinator.leave(node.peer);
  node.lose();
}

function calmDown({ network, volunteers }: World): void {
  network.calm();
  for (const node of volunteers.values()) if (!node.alive()) node.join();
}

/** RD3: nothing that honest volunteers send is too large for what they were leased, or too small. */
const misfitsOf = ({ coordinator, volunteers }: World): string[] =>
  coordinator.misfits.flatMap(({ peer, what }) =>
    volunteers.get(peer)?.lie === undefined ? [`${peer} is honest and was refused: ${what}`] : [],
  );
