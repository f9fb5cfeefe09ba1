import { commitUpdate, type OuterState } from '@murmur/core/aggregate/commitUpdate';
import { PLAIN_AVERAGING } from '@murmur/core/aggregate/outerStep';
import type { Codec } from '@murmur/core/codec/codec';
import { codecOf } from '@murmur/core/codec/registry';
import { decodeReduced, needUpdateCodec, reduceFor } from '@murmur/core/engine/contribution';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { Ban } from '@murmur/core/protocol/operator';
import type { Contributor, RoundManifest } from '@murmur/core/protocol/round';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { fold, uniformStream } from '@murmur/core/random/key';
import { companionsOf } from '@murmur/core/round/groups';
import { createLeaseBook } from '@murmur/core/round/leases';
import { nextWakeMs, reduceRound } from '@murmur/core/round/reducer';
import {
  initialRoundState,
  type OpenRound,
  type RoundEffect,
  type RoundEvent,
  type RoundRules,
  type RoundState,
  type SpotCheck,
} from '@murmur/core/round/state';
import { likenessOf } from '@murmur/core/round/verdict';
import { versionName } from '@murmur/core/version/name';
import type { Network } from './network.ts';
import type { Scenario } from './scenario.ts';
import { honestGradient, trainingKey } from './training.ts';

type Committing = Extract<OpenRound, { phase: 'committing' }>;

export interface CommittedRound {
  readonly manifest: RoundManifest;
  readonly reduced: Committing['reduced'];
  readonly here: Committing['here'];
  readonly groups: Committing['groups'];
  readonly joint: Committing['joint'];
  readonly owners: Committing['owners'];
  readonly contributors: readonly Contributor[];
  readonly frozenAtMs: number;
  readonly committedAtMs: number;
}

/** The real reducer and the real outer step on a small vector; what is durable survives `crash`. */
export interface CoordinatorNode {
  readonly records: RoundRecord[];
  /** What did not fit: nobody honest sends such a thing. */
  readonly misfits: { readonly peer: string; readonly what: string }[];
  readonly commits: Map<string, CommittedRound>;
  readonly versions: Map<string, Float32Array>;
  readonly bans: Map<string, Ban>;
  /** Of what it has sent, parameters aside: characters of JSON. Counted where nothing fails. */
  readonly talk: { bytes: number };
  state(): RoundState;
  command(command: 'start' | 'pause'): void;
  join(peer: string, send: (message: CoordinatorMessage) => void): void;
  receive(peer: string, message: VolunteerMessage): void;
  leave(peer: string): void;
  crash(): void;
}

/** Of more volunteers nobody is told of all. */
const MOST_SHOWN = 64;
const REDUCE_MS = 8_000;
/** What a real run has. */
const STEADY_REDUCE_MS = 20_000;
/** As busy as one that spends all its time on it: runs are short. */
const SPOT_CHECKS = 1;
/** How long the longest takes, evenly drawn. */
const MOST_CHECK_MS = 2_000;
/** Of the parts, so that a short vector has one for each of many owners. */
const ALIGNMENT = 32;

export function needCodec(id: string): Codec {
  const codec = codecOf(id);
  if (!codec) throw new Error(`no codec ${id}`);
  return codec;
}

const talkOf = (message: CoordinatorMessage): number =>
  JSON.stringify(message, (_, value: unknown) => (ArrayBuffer.isView(value) ? '' : value)).length;

export function rulesOf(
  parameters: number,
  {
    key,
    codec,
    steady,
    volunteers,
    planted,
  }: Pick<Scenario, 'key' | 'codec' | 'steady' | 'volunteers' | 'planted'>,
): RoundRules {
  return {
    run: 'simulated',
    parameters,
    schemaHash: sha256Hex(Uint8Array.of(1)),
    target: { kind: 'rounds', amount: 1_000_000 },
    codec,
    aggregate: 'auto',
    decode: decodeReduced,
    reduce: reduceFor,
    seed: 1,
    auditKey: fold(key, 'audit'),
    spotChecks: planted === 'spot-checks' ? 0 : SPOT_CHECKS,
    optimizer: 'adamw',
    learningRateAt: () => 1e-3,
    batch: { joint: steady ? 64 : 0, least: 8 },
    innerSteps: steady ? 'auto' : 3,
    quorum: steady ? volunteers : 2,
    patienceMs: 5_000,
    reduceMs: steady ? STEADY_REDUCE_MS : REDUCE_MS,
    partAlignment: ALIGNMENT,
  };
}

export function createCoordinatorNode(
  network: Network,
  { key, planted, controlDrop, steady }: Pick<Scenario, 'key' | 'planted' | 'controlDrop' | 'steady'>,
  rules: RoundRules,
): CoordinatorNode {
  const first = Float32Array.from({ length: rules.parameters }, (_, i) => Math.sin(i));
  const zeros = () => new Float32Array(rules.parameters);
  // As many examples as glyphs has, or so few that epochs end.
  const each = steady ? 1_333 : 100;
  const shards = [3, 5, 7].map((n) => ({ hash: sha256Hex(Uint8Array.of(n)), count: each * n }));
  let outer: OuterState = { params: first, momentum: zeros(), residual: zeros() };
  const begin = {
    ...{ round: 0, committedRounds: 0, version: versionName(first), samplesDone: 0, trainedMs: 0 },
    phase: 'running',
    leases: createLeaseBook(shards),
  } as const;
  let durable: Parameters<typeof initialRoundState>[0] = begin;
  let state = initialRoundState(durable);
  let life = 0;
  const checkTimes = uniformStream(fold(key, 'checks'));
  const peers = new Map<string, (message: CoordinatorMessage) => void>();
  const updates = new Map<number, (Uint8Array | null)[]>();
  const node = {
    records: [] as RoundRecord[],
    misfits: [] as CoordinatorNode['misfits'],
    commits: new Map<string, CommittedRound>(),
    versions: new Map<string, Float32Array>([[begin.version, first]]),
    bans: new Map<string, Ban>(),
    talk: { bytes: 0 },
  };

  function dispatch(event: RoundEvent): void {
    const [next, effects] = reduceRound(state, event, { rules, nowMs: network.nowMs() });
    state = next;
    effects.forEach(carryOut);
    const wakeMs = nextWakeMs(state, rules);
    const born = life;
    if (wakeMs === undefined || (planted === 'deadline' && state.open)) return;
    network.at(Math.max(wakeMs, network.nowMs() + 1), () => born === life && dispatch({ type: 'tick' }));
  }

  function carryOut(effect: RoundEffect): void {
    switch (effect.type) {
      case 'send':
        if (planted === 'backup' && effect.message.type === 'replay') return;
        for (const peer of effect.to) sendTo(peer, effect.message);
        return;
      case 'commit':
        return commit(effect);
      case 'handBack':
        return effect.hands.forEach(({ part, peer, to }) => {
          const bytes = updates.get(effect.round)?.[part];
          if (bytes) sendTo(peer, { type: 'update', round: effect.round, part, bytes, to: [...to] });
        });
      case 'record':
        node.records.push(effect.record);
        durable = { ...state };
        return;
      case 'refuse':
        if (effect.reason === 'wrong-size' || effect.reason === 'implausible')
          node.misfits.push({ peer: effect.peer, what: `${effect.reason}, ${effect.detail}` });
        return;
      case 'banned':
        node.bans.set(effect.ban.peer, effect.ban);
        sendTo(effect.ban.peer, { type: 'refused', reason: 'banned' });
        peers.delete(effect.ban.peer);
        return tellRoster(effect.ban.peer);
      case 'heal':
        return heal(effect);
      case 'recompute':
        return recompute(effect.check);
      case 'statusChanged':
        return tellStatus();
      case 'pardoned':
      case 'finished':
        return;
    }
  }

  function tellStatus(): void {
    const { phase, round, version } = state;
    const status = { phase, round, version, progress: 0 };
    for (const peer of peers.keys()) sendTo(peer, { type: 'status', status });
  }

  function sendTo(peer: string, message: CoordinatorMessage): void {
    const deliver = peers.get(peer);
    if (steady) node.talk.bytes += talkOf(message);
    network.send(() => deliver?.(message), controlDrop);
  }

  /** What its training gives is known here; that takes a while. */
  function recompute({ peer, part: index, bytes, stints }: SpotCheck): void {
    const { manifest } = stints.at(-1) ?? {};
    const { start, end } = manifest?.parts[index] ?? { start: 0, end: 0 };
    const born = life;
    const sent = manifest && needCodec(manifest.codec).decode(bytes, end - start);
    if (!sent || sent.kind === 'refused') throw new Error(`recompute: a piece of ${peer} that is none`);
    const own = honestGradient(trainingKey(key, peer, manifest), rules.parameters).slice(start, end);
    const likeness = likenessOf(sent.values, own);
    network.at(network.nowMs() + MOST_CHECK_MS * checkTimes(), () => {
      if (born === life) dispatch({ type: 'recomputed', round: manifest.round, peer, likeness });
    });
  }

  function heal({ part, codec: id, lie, truth }: Extract<RoundEffect, { type: 'heal' }>): void {
    const codec = needUpdateCodec(id);
    const values = (bytes: Uint8Array | undefined) => {
      const decoded = codec.decode(bytes ?? new Uint8Array(), part.end - part.start);
      return decoded.kind === 'decoded' ? decoded.values : new Float32Array(part.end - part.start);
    };
    const [told, right] = [values(lie), values(truth)];
    const residual = outer.residual.slice();
    right.forEach((value, i) => {
      residual[part.start + i] = (residual[part.start + i] as number) + value - (told[i] as number);
    });
    outer = { ...outer, residual };
  }

  function commit({ round, leases }: Extract<RoundEffect, { type: 'commit' }>): void {
    const { manifest, reduced, contributors, here, owners, frozenAtMs, groups, joint } = round;
    const codec = needUpdateCodec(manifest.codec);
    const means = manifest.parts.map(({ start, end }, i) => {
      const decoded = codec.decode(reduced.get(i)?.bytes ?? new Uint8Array(), end - start);
      return decoded.kind === 'decoded' ? decoded.values : null;
    });
    const result = commitUpdate(outer, manifest.parts, means, { codec, outer: PLAIN_AVERAGING });
    const version = versionName(result.state.params);
    const born = life;
    network.sendSafely(() => {
      // A crash before this point loses the round; one after it does not.
      if (born !== life) return;
      outer = result.state;
      node.versions.set(version, outer.params);
      const committedAtMs = network.nowMs();
      const kept = {
        ...{ manifest, reduced, contributors, here, owners, frozenAtMs, committedAtMs, groups, joint },
      };
      node.commits.set(version, kept);
      updates.set(manifest.round, result.updates);
      durable = { ...state, leases, round: manifest.round, version };
      const hashes = result.updates.map((b) => (b ? sha256Hex(b) : null));
      dispatch({ type: 'committed', round: manifest.round, version, updates: hashes });
    });
  }

  /** In a crowd only those hear of somebody who work with it, as of a real coordinator. */
  function tellRoster(about: string): void {
    const all = [...peers.keys()];
    const near = companionsOf(state.open?.groups ?? [], about) ?? new Set([about]);
    const told = all.length > MOST_SHOWN ? all.filter((peer) => near.has(peer)) : all;
    const volunteers = told.map((peer) => ({
      ...{ peer, name: peer, host: 'headless' as const, state: 'waiting' as const },
    }));
    for (const other of told) sendTo(other, { type: 'roster', volunteers });
  }

  return {
    ...node,
    state: () => state,
    command: (command) => dispatch({ type: 'command', command }),
    join(peer, send) {
      // A second connection of one volunteer ends the first.
      dispatch({ type: 'left', peer });
      peers.set(peer, send);
      dispatch({ type: 'joined', peer, name: peer });
      tellRoster(peer);
    },
    receive: (peer, message) => peers.has(peer) && dispatch({ type: 'message', peer, message }),
    leave(peer) {
      if (!peers.delete(peer)) return;
      dispatch({ type: 'left', peer });
      tellRoster(peer);
    },
    crash() {
      life++;
      peers.clear();
      const phase = durable.phase === 'finished' ? 'finished' : 'running';
      state = initialRoundState({ ...durable, phase }, [...node.bans.values()]);
    },
  };
}
