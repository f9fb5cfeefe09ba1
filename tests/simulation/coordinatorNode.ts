import { commitUpdate, type OuterState } from '@murmur/core/aggregate/commitUpdate';
import { PLAIN_AVERAGING } from '@murmur/core/aggregate/outerStep';
import { codecOf, updateCodecOf, type CodecName } from '@murmur/core/codec/registry';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { CoordinatorMessage, VolunteerMessage } from '@murmur/core/protocol/messages';
import type { Contributor, RoundManifest } from '@murmur/core/protocol/round';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { createLeaseBook } from '@murmur/core/round/leases';
import { nextWakeMs, reduceRound } from '@murmur/core/round/reducer';
import {
  initialRoundState,
  type OpenRound,
  type RoundEffect,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from '@murmur/core/round/state';
import { versionName } from '@murmur/core/version/name';
import type { Network } from './network.ts';

export interface CommittedRound {
  readonly manifest: RoundManifest;
  readonly reduced: Extract<OpenRound, { phase: 'committing' }>['reduced'];
  readonly contributors: readonly Contributor[];
}

/** The real reducer and the real outer step on a small vector; what is durable survives `crash`. */
export interface CoordinatorNode {
  readonly records: RoundRecord[];
  /** What did not fit: nobody here sends such a thing. */
  readonly misfits: string[];
  readonly commits: Map<string, CommittedRound>;
  readonly versions: Map<string, Float32Array>;
  state(): RoundState;
  join(peer: string, send: (message: CoordinatorMessage) => void): void;
  receive(peer: string, message: VolunteerMessage): void;
  leave(peer: string): void;
  crash(): void;
}

const REDUCE_MS = 8_000;

export function rulesOf(parameters: number, rounds: number, codec: CodecName): RoundRules {
  const updateCodec = updateCodecOf(codecOf(codec));
  return {
    run: 'simulated',
    parameters,
    schemaHash: sha256Hex(Uint8Array.of(1)),
    target: { kind: 'rounds', amount: rounds },
    codec,
    decode: (bytes, length) => updateCodec.decode(bytes, length),
    seed: 1,
    optimizer: 'adamw',
    learningRateAt: () => 1e-3,
    batch: { joint: 0, least: 8 },
    innerSteps: 3,
    quorum: 2,
    patienceMs: 5_000,
    reduceMs: REDUCE_MS,
  };
}

export function createCoordinatorNode(network: Network, rules: RoundRules): CoordinatorNode {
  const contributionCodec = codecOf(rules.codec);
  if (!contributionCodec) throw new Error(`no codec ${rules.codec}`);
  const codec = updateCodecOf(contributionCodec);
  const first = Float32Array.from({ length: rules.parameters }, (_, i) => Math.sin(i));
  const zeros = () => new Float32Array(rules.parameters);
  const shards = [3, 5, 7].map((n) => ({ hash: sha256Hex(Uint8Array.of(n)), count: 100 * n }));
  let outer: OuterState = { params: first, momentum: zeros(), residual: zeros() };
  const begin = {
    round: 0,
    committedRounds: 0,
    version: versionName(first),
    samplesDone: 0,
    trainedMs: 0,
    phase: 'running',
    leases: createLeaseBook(shards),
  } as const;
  let durable: Parameters<typeof initialRoundState>[0] = begin;
  let state = initialRoundState(durable);
  let life = 0;
  const peers = new Map<string, (message: CoordinatorMessage) => void>();
  const updates = new Map<number, (Uint8Array | null)[]>();
  const node = {
    records: [] as RoundRecord[],
    misfits: [] as string[],
    commits: new Map<string, CommittedRound>(),
    versions: new Map<string, Float32Array>([[begin.version, first]]),
  };

  function dispatch(event: RoundEvent): void {
    const [next, effects] = reduceRound(state, event, { rules, nowMs: network.nowMs() });
    state = next;
    effects.forEach(carryOut);
    const wakeMs = nextWakeMs(state, rules);
    const born = life;
    if (wakeMs !== undefined)
      network.at(Math.max(wakeMs, network.nowMs() + 1), () => born === life && dispatch({ type: 'tick' }));
  }

  function carryOut(effect: RoundEffect): void {
    switch (effect.type) {
      case 'send':
        for (const peer of effect.to) sendTo(peer, effect.message);
        return;
      case 'commit':
        return commit(effect);
      case 'handBack':
        return effect.owners.forEach((owner, part) => {
          const bytes = updates.get(effect.round)?.[part];
          if (bytes) sendTo(owner, { type: 'update', round: effect.round, part, bytes });
        });
      case 'record':
        node.records.push(effect.record);
        durable = { ...state };
        return;
      case 'refuse':
        if (effect.reason === 'wrong-size') node.misfits.push(`${effect.peer}: ${effect.detail}`);
        return;
      case 'statusChanged':
      case 'finished':
        return;
    }
  }

  function sendTo(peer: string, message: CoordinatorMessage): void {
    network.send(() => peers.get(peer)?.(message));
  }

  function commit({ round, leases }: Extract<RoundEffect, { type: 'commit' }>): void {
    const means = round.manifest.parts.map(({ start, end }, i) => {
      const decoded = codec.decode(round.reduced.get(i)?.bytes ?? new Uint8Array(), end - start);
      return decoded.kind === 'decoded' ? decoded.values : null;
    });
    const result = commitUpdate(outer, round.manifest.parts, means, { codec, outer: PLAIN_AVERAGING });
    const version = versionName(result.state.params);
    const born = life;
    network.sendSafely(() => {
      // A crash before this point loses the round; one after it does not.
      if (born !== life) return;
      outer = result.state;
      node.versions.set(version, outer.params);
      node.commits.set(version, {
        manifest: round.manifest,
        reduced: round.reduced,
        contributors: round.contributors,
      });
      updates.set(round.manifest.round, result.updates);
      durable = { ...state, leases, round: round.manifest.round, version };
      dispatch({
        type: 'committed',
        round: round.manifest.round,
        version,
        updates: result.updates.map((b) => (b ? sha256Hex(b) : null)),
      });
    });
  }

  return {
    ...node,
    state: () => state,
    join(peer, send) {
      // A second connection of one volunteer ends the first.
      dispatch({ type: 'left', peer });
      peers.set(peer, send);
      dispatch({ type: 'joined', peer, name: peer });
    },
    receive: (peer, message) => dispatch({ type: 'message', peer, message }),
    leave(peer) {
      peers.delete(peer);
      dispatch({ type: 'left', peer });
      const roster = [...peers.keys()].map((p) => ({
        peer: p,
        name: p,
        host: 'headless' as const,
        state: 'waiting' as const,
      }));
      for (const other of peers.keys()) sendTo(other, { type: 'roster', volunteers: roster });
    },
    crash() {
      life++;
      peers.clear();
      state = initialRoundState({ ...durable, phase: durable.phase === 'finished' ? 'finished' : 'running' });
    },
  };
}
