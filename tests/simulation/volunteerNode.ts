import { averageContributions } from '@murmur/core/aggregate/average';
import { subtractUpdate } from '@murmur/core/aggregate/commitUpdate';
import { codecOf, updateCodecOf } from '@murmur/core/codec/registry';
import type { PeerRoundEvent } from '@murmur/core/exchange/peerRound';
import { sha256Hex } from '@murmur/core/hash/sha256';
import type { RoundManifest } from '@murmur/core/protocol/round';
import { fold, integer, normal, type Key } from '@murmur/core/random/key';
import {
  lifeWakeMs,
  reduceLife,
  UNBORN,
  type Life,
  type LifeEffect,
  type LifeEvent,
} from '@murmur/core/volunteer/life';
import type { PartContribution, ReduceResult } from '@murmur/core/volunteer/ports';
import { versionName } from '@murmur/core/version/name';
import type { CoordinatorNode } from './coordinatorNode.ts';
import type { Network } from './network.ts';

export interface VolunteerNode {
  readonly peer: string;
  life(): Life;
  holds(): string;
  alive(): boolean;
  deliver(from: string, round: number, event: Extract<PeerRoundEvent, { type: 'payload' }>): void;
  join(): void;
  crash(): void;
  /** The coordinator is gone; it is found again after a while. */
  lose(): void;
}

export interface World {
  readonly network: Network;
  readonly coordinator: CoordinatorNode;
  readonly volunteers: Map<string, VolunteerNode>;
  /** What was really sent: the decoded pseudo-gradient of a hash. */
  readonly truth: Map<string, Float32Array>;
  readonly resyncs: { count: number };
}

/** The real life of a volunteer with invented training on a small vector. */
export function createVolunteerNode(peer: string, key: Key, world: World): VolunteerNode {
  const { network, coordinator } = world;
  const speedMs = 20 + network.random() * 400;
  let life: Life = UNBORN;
  let alive = false;
  let born = 0;
  let params = new Float32Array();

  function dispatch(event: LifeEvent): void {
    const [next, effects] = reduceLife(life, event, network.nowMs());
    life = next;
    const number = life.round?.manifest.round;
    for (const effect of effects) carryOut(effect, number);
    const wakeMs = lifeWakeMs(life);
    if (wakeMs !== undefined) later(Math.max(wakeMs, network.nowMs() + 1), () => dispatch({ type: 'tick' }));
  }

  const later = (ms: number, call: () => void): void => {
    const then = born;
    network.at(ms, () => then === born && alive && call());
  };
  const soon = (ms: number, call: () => void): void => later(network.nowMs() + ms, call);
  const inRound = (round: number | undefined, event: PeerRoundEvent): void => {
    if (round !== undefined) dispatch({ type: 'round', round, event });
  };

  function carryOut(effect: LifeEffect, round: number | undefined): void {
    switch (effect.type) {
      case 'connect':
        return soon(5, () => dispatch({ type: 'connected' }));
      case 'hello':
        return network.sendSafely(() => alive && welcome());
      case 'prepare':
        return soon(20, () =>
          dispatch({ type: 'prepared', schemaHash: effect.run.schemaHash, device: 'simulated' }),
        );
      case 'resync':
        return soon(30, () => load(effect.version));
      case 'tell':
        return tell(effect.message);
      case 'train':
        return soon(3 * speedMs, () => train(round));
      case 'transmit':
        return transmit(effect, round);
      case 'reducePart':
        return soon(3, () =>
          inRound(round, {
            type: 'reduced',
            part: effect.part,
            result: reduce(effect.part, effect.contributions),
          }),
        );
      case 'apply':
        return soon(3, () => apply(effect.updates, round));
      case 'confirm':
        return tell({
          type: 'applied',
          round: effect.round,
          version: effect.version,
          meshBytes: 1,
          resynced: effect.resynced,
        });
      case 'disconnect':
      case 'closeLinks':
      case 'cancelTraining':
      case 'settle':
      case 'meshWith':
        return;
    }
  }

  function tell(message: Parameters<CoordinatorNode['receive']>[1]): void {
    const deliver = () => coordinator.receive(peer, message);
    // Joining is a conversation over TCP: it is late, never lost.
    if (message.type === 'available') network.sendSafely(deliver);
    else network.send(deliver);
  }

  function welcome(): void {
    const then = born;
    coordinator.join(peer, (message) => then === born && alive && dispatch({ type: 'message', message }));
    const { version, round } = coordinator.state();
    const status = { phase: 'running', round, version, progress: 0 } as const;
    const run = {
      run: 'simulated',
      name: 's',
      objective: 'mae',
      preset: 'nano',
      parameters: 1,
      schemaHash: sha256Hex(Uint8Array.of(1)),
      model: {},
      dataset: {},
      target: { kind: 'rounds', amount: 1 },
    } as const;
    soon(5, () =>
      dispatch({
        type: 'message',
        message: { type: 'welcome', peer, secret: 's', run, status, iceServers: [] },
      }),
    );
  }

  function load(version: string): void {
    const found = coordinator.versions.get(version);
    world.resyncs.count++;
    if (!found) return dispatch({ type: 'loadFailed', version });
    params = found.slice();
    dispatch({ type: 'loaded', version });
  }

  function train(round: number | undefined): void {
    const manifest = life.round?.manifest;
    if (!manifest || manifest.round !== round || life.round?.phase !== 'training') return;
    const codec = codecOf(manifest.codec);
    if (!codec) return;
    const delta = normal(fold(fold(key, round), manifest.base), params.length);
    const parts = manifest.parts.map(({ start, end }) => codec.encode(delta.subarray(start, end)));
    const hashes = parts.map(sha256Hex);
    manifest.parts.forEach(({ start, end }, i) => {
      const decoded = codec.decode(parts[i] as Uint8Array, end - start);
      if (decoded.kind === 'decoded') world.truth.set(hashes[i] as string, decoded.values);
    });
    const steps = 1 + Math.floor(network.random() * manifest.maxSteps);
    const result = {
      kind: 'trained',
      samples: steps * manifest.batchSize * workersIn(manifest),
      steps,
      loss: 1,
      norm: 1,
      trainMs: steps * speedMs,
      parts,
      hashes,
    } as const;
    grant(fold(fold(key, 'workers'), round));
    inRound(round, { type: 'trained', result, meshed: [] });
  }

  const workersIn = ({ members }: RoundManifest): number =>
    members.find((member) => member.peer === life.identity?.peer)?.workers ?? 1;

  /** Another number of workers, as when a person moves the slider in the middle of a round. */
  const grant = (from: Key): void => dispatch({ type: 'workers', count: 1 + integer(from, 4) });

  function transmit(effect: Extract<LifeEffect, { type: 'transmit' }>, round: number | undefined): void {
    if (round === undefined) return;
    const { to, kind, part, bytes } = effect;
    network.send(() =>
      world.volunteers.get(to)?.deliver(peer, round, { type: 'payload', from: peer, kind, part, bytes }),
    );
  }

  function reduce(part: number, contributions: readonly PartContribution[]): ReduceResult {
    const range = life.round?.manifest.parts[part];
    const codec = codecOf(life.round?.manifest.codec ?? '');
    if (!range || !codec) return { kind: 'failed', sentence: 'the round is over' };
    const decoded = contributions.flatMap(({ contributor, bytes }) => {
      const values =
        sha256Hex(bytes) === contributor.hashes[part]
          ? codec.decode(bytes, range.end - range.start)
          : undefined;
      return values?.kind === 'decoded' ? [{ contributor, values: values.values }] : [];
    });
    if (decoded.length === 0) return { kind: 'failed', sentence: 'nothing fits its hash' };
    const mean = averageContributions(decoded.map(({ contributor, values }) => ({ ...contributor, values })));
    return {
      kind: 'reduced',
      bytes: updateCodecOf(codec).encode(mean),
      contributors: decoded.map((d) => d.contributor.peer),
    };
  }

  function apply(updates: readonly (Uint8Array | null)[], round: number | undefined): void {
    const manifest = life.round?.manifest;
    const codec = codecOf(manifest?.codec ?? '');
    if (!manifest || !codec || manifest.round !== round) return;
    const next = params.slice();
    manifest.parts.forEach(({ start, end }, i) => {
      const bytes = updates[i];
      const decoded = bytes ? updateCodecOf(codec).decode(bytes, end - start) : undefined;
      if (decoded?.kind === 'decoded') subtractUpdate(next, decoded.values, start);
    });
    params = next;
    inRound(round, { type: 'applied', version: versionName(params) });
  }

  return {
    peer,
    life: () => life,
    holds: () => (params.length === 0 ? '' : versionName(params)),
    alive: () => alive,
    deliver: (_from, round, event) => alive && dispatch({ type: 'round', round, event }),
    join() {
      alive = true;
      dispatch({ type: 'join' });
    },
    crash() {
      if (!alive) return;
      alive = false;
      born++;
      life = UNBORN;
      params = new Float32Array();
      network.sendSafely(() => !alive && coordinator.leave(peer));
    },
    lose() {
      if (!alive) return;
      dispatch({ type: 'disconnected' });
      soon(200 + network.random() * 1_000, () => dispatch({ type: 'connected' }));
    },
  };
}
