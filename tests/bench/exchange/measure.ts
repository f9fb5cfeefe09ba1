import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostClock } from '@murmur/client/host/hostClock';
import { nodeLinks } from '@murmur/client/headless/nodeLinks';
import { createSocketControl } from '@murmur/client/host/socketControl';
import { noCounts } from '@murmur/coordinator/edge/edgeCounts';
import { attachSockets, DEFAULT_LIMITS } from '@murmur/coordinator/edge/sockets';
import { createCoordinator, type Coordinator } from '@murmur/coordinator/run/coordinator';
import type { RunOptions } from '@murmur/coordinator/run/options';
import { memoryBlobStore } from '@murmur/coordinator/store/memoryBlobStore';
import { memoryRunStore } from '@murmur/coordinator/store/memoryRunStore';
import { PLAIN_AVERAGING } from '@murmur/core/aggregate/outerStep';
import type { Codec } from '@murmur/core/codec/codec';
import { CODEC_NAMES } from '@murmur/core/codec/registry';
import { decodeReduced, reduceFor } from '@murmur/core/engine/contribution';
import { key } from '@murmur/core/random/key';
import { MOST_MEMBERS } from '@murmur/core/protocol/round';
import type { RoundRecord } from '@murmur/core/protocol/run';
import type { VolunteerPorts } from '@murmur/core/volunteer/ports';
import type { VolunteerView } from '@murmur/core/volunteer/view';
import { createVolunteer } from '@murmur/core/volunteer/volunteer';
import { createVersions, syntheticEngine } from './syntheticEngine.ts';

export interface ExchangePlan {
  readonly codec: Codec;
  readonly parameters: number;
  readonly peers: number;
  readonly rounds: number;
  log(line: string): void;
}

export interface Exchanged {
  readonly records: readonly RoundRecord[];
  /** Bytes that each volunteer sent over data channels, and through the relay, in all rounds. */
  readonly meshBytes: readonly number[];
  readonly relayBytes: readonly number[];
}

const SCHEMA_HASH = 'a'.repeat(64);
const NAME = { run: 'exchange', schemaHash: SCHEMA_HASH };
/** So long that the reducers wait for everybody, however slow this machine is. */
const REDUCE_MS = 600_000;

/** A run with the real coordinator, sockets, meshes and data channels, all in this process and on loopback. */
export async function exchangeRounds(plan: ExchangePlan): Promise<Exchanged> {
  const { codec, parameters, peers } = plan;
  const first = new Float32Array(parameters);
  const versions = createVersions(codec, first);
  const records: RoundRecord[] = [];
  const views = new Map<number, VolunteerView>();
  const waiting = new Set<() => void>();
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const coordinator = await createCoordinator(
    runOptions(plan, first, {
      round(record) {
        records.push(record);
        plan.log(
          `${codec.id}: round ${record.round} ${record.reason ?? 'committed'}, ${record.durationMs} ms`,
        );
      },
      done: () => finish(),
    }),
  );
  const { origin, close } = await serve(coordinator);
  const volunteers = Array.from({ length: peers }, (_, i) => {
    const meshed = () =>
      new Promise<void>((resolve) => {
        const look = () => isMeshed(views.get(i), peers) && waiting.delete(look) && resolve();
        waiting.add(look);
        look();
      });
    const engine = syntheticEngine({ codec, parameters, schemaHash: SCHEMA_HASH, seed: i, versions, meshed });
    return createVolunteer(portsOf(origin, i, engine), (view) => {
      views.set(i, view);
      for (const look of [...waiting]) look();
    });
  });
  for (const volunteer of volunteers) volunteer.join();
  await finished;
  const last = Array.from({ length: peers }, (_, i) => views.get(i));
  for (const volunteer of volunteers) volunteer.leave();
  await coordinator.stop();
  await close();
  return {
    records,
    meshBytes: last.map((view) => view?.meshBytes ?? 0),
    relayBytes: last.map((view) => view?.relayBytes ?? 0),
  };
}

/** Linked to all of one group; of several groups with as many as its own has others. */
const isMeshed = (view: VolunteerView | undefined, peers: number): boolean => {
  const linked = view?.peers.filter(({ link }) => link === 'mesh').length ?? 0;
  return linked >= Math.floor(peers / Math.ceil(peers / MOST_MEMBERS)) - 1;
};

const nothing = (): void => undefined;

function portsOf(origin: string, index: number, engine: VolunteerPorts['engine']): VolunteerPorts {
  const clock = hostClock;
  return {
    ...{ host: 'headless', name: `volunteer ${index + 1}`, token: undefined, clock, engine, log: nothing },
    control: createSocketControl({ origin, clock, log: nothing }),
    links: nodeLinks(),
    // Nothing is trained on, and versions are shared.
    fetch: {
      snapshot: async () => new Uint8Array(),
      shard: async () => new Uint8Array(),
      forgetShard: async () => undefined,
    },
  };
}

async function serve(coordinator: Coordinator): Promise<{ origin: string; close(): Promise<void> }> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const io = attachSockets(http, {
    ...{ coordinator, joinToken: undefined, operatorToken: 'none', counts: noCounts(), warn: nothing },
    ...{ limits: DEFAULT_LIMITS, now: hostClock.now },
    after: (ms, call) => void hostClock.after(ms, call),
  });
  const { port } = http.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => io.close() };
}

function runOptions(
  { codec, parameters, peers, rounds }: ExchangePlan,
  first: Float32Array,
  seen: Pick<RunOptions['observer'], 'round' | 'done'>,
): RunOptions {
  const target = { kind: 'rounds', amount: rounds } as const;
  const fail = (sentence: string): never => {
    throw new Error(`exchange: ${sentence}`);
  };
  const name =
    CODEC_NAMES.find((known) => known === codec.id) ?? fail(`${codec.id} is no codec of contributions`);
  let names = 0;
  return {
    info: {
      ...NAME,
      name: 'exchange',
      objective: 'mae',
      preset: 'nano',
      parameters,
      model: {},
      dataset: {},
      target,
    },
    rules: {
      ...{ ...NAME, parameters, target, codec: name, seed: 1, optimizer: 'sgd', learningRateAt: () => 1 },
      ...{ batch: { joint: 0, least: 1 }, innerSteps: 1, quorum: peers },
      ...{ patienceMs: REDUCE_MS, reduceMs: REDUCE_MS },
      ...{ decode: decodeReduced, reduce: reduceFor },
      ...{ aggregate: 'mean', spotChecks: 0, auditKey: key(1) },
    },
    ...{ schema: [{ name: 'w', shape: [parameters] }], outer: PLAIN_AVERAGING, config: {} },
    ...{ initialParams: () => first, shards: [{ hash: 'b'.repeat(64), count: 1_000_000 }] },
    ...{ store: memoryRunStore(), blobs: memoryBlobStore(), mapBlobs: memoryBlobStore() },
    ...{ startPaused: false, maxVolunteers: peers, iceServersFor: () => [], joinUrls: () => [] },
    ...{ recompute: undefined, scoring: undefined, noScores: null, mapDrawing: undefined, scoreEvery: 0 },
    exportModel: async () => '',
    clock: { now: hostClock.now, after: hostClock.after },
    newName: (length) => `v${String(names++)}`.padEnd(length, 'x'),
    observer: { ...seen, score: nothing, noScores: nothing, alert: nothing, failed: fail },
  };
}
