import { norm } from '@murmur/core/aggregate/norm';
import { updateCodecOf } from '@murmur/core/codec/registry';
import { encodeParts, needUpdateCodec, reducePart } from '@murmur/core/engine/contribution';
import { applyUpdates } from '@murmur/core/engine/update';
import type { PeerRoundEvent } from '@murmur/core/exchange/peerRound';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { RoundManifest } from '@murmur/core/protocol/round';
import { fold, integer, uniformStream, type Key } from '@murmur/core/random/key';
import { lifeWakeMs, reduceLife } from '@murmur/core/volunteer/life';
import { UNBORN, type Life, type LifeEffect, type LifeEvent } from '@murmur/core/volunteer/lifeState';
import type { PartContribution, ReduceResult } from '@murmur/core/volunteer/ports';
import { versionName } from '@murmur/core/version/name';
import { needCodec, type CoordinatorNode } from './coordinatorNode.ts';
import { createFate } from './fate.ts';
import { lieAboutGradient, lieAboutPart, lieInWords, tampered } from './lying.ts';
import type { Network } from './network.ts';
import type { Lie, Scenario } from './scenario.ts';
import { honestGradient, trainingKey } from './training.ts';

export interface VolunteerNode {
  readonly peer: string;
  readonly lie: Lie | undefined;
  life(): Life;
  holds(): string;
  alive(): boolean;
  deliver(round: number, event: Extract<PeerRoundEvent, { type: 'payload' }>): void;
  join(): void;
  crash(): void;
  /** The coordinator is gone; it is found again after a while. */
  lose(): void;
}

export interface World {
  readonly scenario: Scenario;
  readonly network: Network;
  readonly coordinator: CoordinatorNode;
  readonly volunteers: Map<string, VolunteerNode>;
  /** What was really announced: the decoded pseudo-gradient by `truthKey`. */
  readonly truth: Map<string, Float32Array>;
  /** When who could do nothing: dead, hanging or without the coordinator. */
  readonly troubles: { readonly peer: string; readonly fromMs: number; readonly untilMs: number }[];
  readonly counts: { resyncs: number; relayed: number; readonly sentBy: Map<string, number> };
  /** Whether these two cannot reach each other directly. */
  blocked(a: string, b: string): boolean;
  calm(): boolean;
}

/** Parts of different lengths may have the same bytes where a codec counts whole blocks. */
export const truthKey = (hash: string | undefined, length: number): string => `${hash} of ${length}`;

const SCHEMA = sha256Hex(Uint8Array.of(1));
/** Detection of a connection that died without a word. */
const PING_TIMEOUT_MS = 25_000;

/** The real life of a volunteer with invented training on a short vector; everything that can go wrong does. */
export function createVolunteerNode(peer: string, key: Key, world: World, lie?: Lie): VolunteerNode {
  const { network, coordinator, scenario } = world;
  const own = uniformStream(fold(key, 'self'));
  const { stepMs: speedMs, uplink } = scenario.steady ?? {
    stepMs: 20 + own() * 400,
    // So slow that some members, as long as they are here, make the codec a coarser one.
    uplink: (2_000 + 50_000 * own() ** 2) * (scenario.codec === 'auto' ? 0.07 : 1),
  };
  /** Its clock runs a little fast or slow, and shows another time. */
  const clock = { rate: 0.99 + 0.02 * own(), offset: 1e6 * own() };
  const localMs = () => network.nowMs() * clock.rate + clock.offset;
  const globalMs = (local: number) => (local - clock.offset) / clock.rate;
  const fate = createFate(scenario, fold(key, 'fate'), world.calm);
  let life: Life = UNBORN;
  let alive = false;
  let born = 0;
  let connection = 0;
  let hangsUntilMs = 0;
  let sendsUntilMs = 0;
  let params: Float32Array = new Float32Array();
  const said: VolunteerMessage[] = [];

  function dispatch(event: LifeEvent): void {
    if (!alive) return;
    const [next, effects] = reduceLife(life, event, localMs());
    life = next;
    const number = life.round?.manifest.round;
    for (const effect of effects) obey(effect, number);
    const wakeMs = lifeWakeMs(life);
    if (wakeMs !== undefined)
      later(Math.max(globalMs(wakeMs), network.nowMs() + 1), () => dispatch({ type: 'tick' }));
  }

  /** Does something at its time, or once it does not hang any more. */
  function later(ms: number, call: () => void): void {
    const then = born;
    network.at(ms, () => {
      if (then !== born || !alive) return;
      if (network.nowMs() < hangsUntilMs) later(hangsUntilMs, call);
      else call();
    });
  }
  const soon = (ms: number, call: () => void): void => later(network.nowMs() + ms, call);
  const inRound = (round: number | undefined, event: PeerRoundEvent): void => {
    if (round !== undefined) dispatch({ type: 'round', round, event });
  };

  /** Unless its fate in this round is to vanish or hang at this very moment. */
  function obey(effect: LifeEffect, round: number | undefined): void {
    if (!alive) return;
    const blow = fate.before(effect);
    if (blow?.kind === 'crash') return crash();
    if (blow?.kind === 'hang') hang(blow.ms);
    carryOut(effect, round);
  }

  const trouble = (ms: number): void => {
    world.troubles.push({ peer, fromMs: network.nowMs(), untilMs: network.nowMs() + ms });
  };

  function hang(ms: number): void {
    trouble(ms);
    hangsUntilMs = network.nowMs() + ms;
    const then = connection;
    // Who does not answer is taken for gone, and finds out when it wakes up.
    if (ms > PING_TIMEOUT_MS)
      network.at(network.nowMs() + PING_TIMEOUT_MS, () => then === connection && coordinator.leave(peer));
    if (ms > PING_TIMEOUT_MS) later(hangsUntilMs, () => then === connection && lose());
  }

  function carryOut(effect: LifeEffect, round: number | undefined): void {
    switch (effect.type) {
      case 'connect':
        return soon(5, () => dispatch({ type: 'connected' }));
      case 'hello': {
        const then = born;
        return network.sendSafely(() => then === born && alive && welcome());
      }
      case 'prepare':
        return soon(20, () =>
          dispatch({ type: 'prepared', schemaHash: effect.run.schemaHash, device: 'simulated' }),
        );
      case 'resync':
        return soon(30, () => load(effect.version));
      case 'tell':
        return tell(effect.message);
      case 'train':
        return soon(stepsNow() * speedMs, () => train(round));
      case 'transmit':
        return transmit(effect, round);
      case 'reducePart':
        return soon(3, () => {
          const result = reduce(effect.part, effect.contributions);
          inRound(round, { type: 'reduced', part: effect.part, result });
        });
      case 'combinePart':
        return soon(3, () => {
          const { part, attempt, groups, results } = effect;
          const result = combine(part, results);
          inRound(round, { type: 'combined', part, attempt, groups, result });
        });
      case 'apply':
        return soon(3, () => apply(effect.updates, round));
      case 'confirm': {
        const { round: number, version, resynced } = effect;
        return tell({ type: 'applied', round: number, version, meshBytes: 1, resynced, uplink });
      }
      case 'disconnect':
      case 'closeLinks':
      case 'cancelTraining':
      case 'settle':
      case 'meshWith':
        return;
    }
  }

  /** As long as its training takes: all steps that are asked for, or as many as there usually are. */
  const stepsNow = (): number => (scenario.steady ? (life.round?.manifest.maxSteps ?? 0) : 3);

  /** When this many bytes, behind those that were to be sent before, have left. */
  function departure(bytes: number): number {
    sendsUntilMs = Math.max(network.nowMs(), sendsUntilMs) + (1_000 * bytes) / uplink;
    const { sentBy } = world.counts;
    sentBy.set(peer, (sentBy.get(peer) ?? 0) + bytes);
    return sendsUntilMs;
  }

  function tell(message: VolunteerMessage): void {
    const honest = message.type === 'contribution' ? { ...message, bytes: forWire(message) } : message;
    for (const words of lieInWords(lie, honest, said)) {
      const then = connection;
      const deliver = () => then === connection && coordinator.receive(peer, words);
      // Joining is a conversation over TCP: it is late, never lost.
      if (words.type === 'available') network.sendSafely(deliver);
      else if ('bytes' in words)
        later(departure(words.bytes.byteLength), () => network.send(deliver, scenario.controlDrop));
      else network.send(deliver, scenario.controlDrop);
    }
    if (lie === 'replay' && (message.type === 'ready' || message.type === 'reduced'))
      said.splice(0, 8, message);
  }

  function welcome(): void {
    const mine = ++connection;
    const hear = (message: CoordinatorMessage) => {
      if (mine === connection) soon(0, () => mine === connection && dispatch({ type: 'message', message }));
    };
    const { version, round } = coordinator.state();
    const status = { phase: 'running', round, version, progress: 0 } as const;
    const run = {
      ...{ run: 'simulated', name: 's', objective: 'mae', preset: 'nano', parameters: 1, schemaHash: SCHEMA },
      ...{ model: {}, dataset: {}, target: { kind: 'rounds', amount: 1 } as const },
    };
    soon(5, () => {
      if (mine !== connection) return;
      coordinator.join(peer, hear);
      dispatch({
        type: 'message',
        message: { type: 'welcome', peer, secret: 's', run, status, iceServers: [] },
      });
    });
  }

  function load(version: string): void {
    const found = coordinator.versions.get(version);
    world.counts.resyncs++;
    if (!found) return dispatch({ type: 'loadFailed', version });
    params = found.slice();
    dispatch({ type: 'loaded', version });
  }

  function train(round: number | undefined): void {
    const manifest = life.round?.manifest;
    if (!manifest || manifest.round !== round || life.round?.phase !== 'training') return;
    const mine = trainingKey(scenario.key, peer, manifest);
    const honest = honestGradient(mine, params.length);
    const delta = lieAboutGradient(lie, honest, mine);
    const codec = needCodec(manifest.codec);
    const { parts, hashes } = encodeParts(delta, manifest.parts, codec);
    // Nobody lies where all is steady, and crowds would remember much.
    const known = scenario.steady ? [] : manifest.parts;
    known.forEach(({ start, end }, i) => {
      const decoded = codec.decode(parts[i] as Uint8Array, end - start);
      if (decoded.kind === 'decoded') world.truth.set(truthKey(hashes[i], end - start), decoded.values);
    });
    const steps = scenario.steady ? manifest.maxSteps : 1 + Math.floor(network.random() * manifest.maxSteps);
    const samples = steps * manifest.batchSize * workersIn(manifest);
    const others = manifest.members.flatMap((m) => (world.blocked(peer, m.peer) ? [] : [m.peer]));
    const counted = { samples, steps, loss: 1, norm: norm(delta), trainMs: steps * speedMs };
    if (!scenario.steady) dispatch({ type: 'workers', count: 1 + integer(fold(mine, 'workers'), 4) });
    inRound(round, {
      type: 'trained',
      result: { kind: 'trained', ...counted, parts, hashes },
      meshed: others,
    });
  }

  const workersIn = ({ members }: RoundManifest): number =>
    members.find((member) => member.peer === life.identity?.peer)?.workers ?? 1;

  /** What really goes out in the place of an encoded part. */
  function forWire({ part, bytes }: { part: number; bytes: Uint8Array }): Uint8Array {
    const { manifest } = life.round ?? {};
    const range = manifest?.parts[part];
    if (lie !== 'wrong-hash' || !range) return bytes;
    return tampered(needCodec(manifest.codec), bytes, range.end - range.start);
  }

  function transmit(effect: Extract<LifeEffect, { type: 'transmit' }>, round: number | undefined): void {
    if (round === undefined) return;
    const { to, kind, part } = effect;
    const bytes = kind === 'contribution' ? forWire(effect) : effect.bytes;
    const arrive = () =>
      world.volunteers.get(to)?.deliver(round, { type: 'payload', from: peer, kind, part, bytes });
    const relayed = world.blocked(peer, to);
    if (relayed) world.counts.relayed += bytes.byteLength;
    later(departure(bytes.byteLength), () =>
      network.send(() => (relayed ? network.sendSafely(arrive) : arrive())),
    );
  }

  function reduce(part: number, all: readonly PartContribution[]): ReduceResult {
    const { manifest, contributors } = life.round ?? {};
    const range = manifest?.parts[part];
    if (!manifest || !range || !contributors) return { kind: 'failed', sentence: 'no part' };
    const codec = needCodec(manifest.codec);
    const length = range.end - range.start;
    const taken = scenario.planted === 'hash-check' ? all.map((c) => withItsOwnHash(c, part)) : all;
    const honest = reducePart({ codec, rule: manifest.rule }, length, part, taken);
    if (scenario.planted === 'bitmap' && honest.kind === 'reduced')
      return { ...honest, contributors: contributors.map((c) => c.peer) };
    const mine = all.find((c) => c.contributor.peer === peer);
    return lieAboutPart(
      lie,
      { codec: updateCodecOf(codec), length },
      { honest, own: mine, named: contributors },
    );
  }

  function combine(part: number, results: readonly PartContribution[]): ReduceResult {
    const { manifest } = life.round ?? {};
    const range = manifest?.parts[part];
    if (!manifest || !range) return { kind: 'failed', sentence: 'no part' };
    const how = { codec: needCodec(manifest.codec), rule: 'combine' } as const;
    return reducePart(how, range.end - range.start, part, results);
  }

  function apply(updates: readonly (Uint8Array | null)[], round: number | undefined): void {
    const manifest = life.round?.manifest;
    if (!manifest || manifest.round !== round) return;
    params = applyUpdates(params, manifest.parts, updates, needUpdateCodec(manifest.codec)) ?? params;
    inRound(round, { type: 'applied', version: versionName(params) });
  }

  function crash(): void {
    if (!alive) return;
    alive = false;
    born++;
    life = UNBORN;
    params = new Float32Array();
    hangsUntilMs = 0;
    fate.forget();
    const then = connection;
    const gone = () => then === connection && coordinator.leave(peer);
    if (!network.chance(scenario.silentDeaths)) network.sendSafely(gone);
    else network.at(network.nowMs() + PING_TIMEOUT_MS, gone);
    const absentMs = 500 + 6_000 * network.random();
    trouble(absentMs);
    network.at(network.nowMs() + absentMs, () => !alive && join());
  }

  function join(): void {
    alive = true;
    dispatch({ type: 'join' });
  }

  function lose(): void {
    if (!alive) return;
    connection++;
    const absentMs = 200 + network.random() * 1_000;
    trouble(absentMs);
    dispatch({ type: 'disconnected' });
    soon(absentMs, () => dispatch({ type: 'connected' }));
  }

  return {
    peer,
    lie,
    life: () => life,
    holds: () => (params.length === 0 ? '' : versionName(params)),
    alive: () => alive,
    deliver: (round, event) => alive && soon(0, () => dispatch({ type: 'round', round, event })),
    join,
    crash,
    lose,
  };
}

const withItsOwnHash = ({ contributor, bytes }: PartContribution, part: number): PartContribution => ({
  contributor: {
    ...contributor,
    hashes: contributor.hashes.map((hash, i) => (i === part ? sha256Hex(bytes) : hash)),
  },
  bytes,
});
