import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostClock } from '@murmur/client/host/hostClock';
import { noCounts } from '@murmur/coordinator/edge/edgeCounts';
import { DEFAULT_LIMITS } from '@murmur/coordinator/edge/limits';
import { attachSockets } from '@murmur/coordinator/edge/sockets';
import { createCoordinator, type Coordinator } from '@murmur/coordinator/run/coordinator';
import type { RunOptions } from '@murmur/coordinator/run/options';
import { memoryBlobStore } from '@murmur/coordinator/store/memoryBlobStore';
import { memoryRunStore } from '@murmur/coordinator/store/memoryRunStore';
import { PLAIN_AVERAGING } from '@murmur/core/aggregate/outerStep';
import type { Codec } from '@murmur/core/codec/codec';
import { CODEC_NAMES, type CodecName } from '@murmur/core/codec/registry';
import { decodeReduced, reduceFor } from '@murmur/core/engine/contribution';
import { key } from '@murmur/core/random/key';
import type { LinkPort } from '@murmur/core/volunteer/ports';
import type { RoundRecord } from '@murmur/core/protocol/run';
import { openCrowd, type Crowd, type CrowdPlan, type Sent } from './crowd.ts';
import { forkCrowd } from './forkCrowd.ts';

export interface ExchangePlan {
  readonly codec: Codec;
  readonly parameters: number;
  readonly peers: number;
  readonly rounds: number;
  /** Instead of data channels; all volunteers are in this process then. */
  readonly links?: LinkPort | undefined;
  log(line: string): void;
}

/** With what each volunteer sent in all rounds. */
export interface Exchanged extends Sent {
  readonly records: readonly RoundRecord[];
}

const nothing = (): void => undefined;
const SCHEMA_HASH = 'a'.repeat(64);
const NAME = { run: 'exchange', schemaHash: SCHEMA_HASH };
/** So long that the reducers wait for everybody, however slow this machine is. */
const REDUCE_MS = 600_000;
/** So few that this process opens their links in time. */
const MOST_HERE = 8;
/** Of more of them: each end of a link takes some 75 file descriptors, and a process often has 20,000. */
const EACH = 4;

/** A run with the real coordinator, sockets, meshes and data channels, all on this machine. */
export async function exchangeRounds(plan: ExchangePlan): Promise<Exchanged> {
  const { codec, parameters, peers } = plan;
  const name = CODEC_NAMES.find((known) => known === codec.id);
  if (!name) throw new Error(`exchange: ${codec.id} is no codec of contributions`);
  const first = new Float32Array(parameters);
  const records: RoundRecord[] = [];
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const coordinator = await createCoordinator(
    runOptions({ ...plan, name }, first, {
      round(record) {
        records.push(record);
        plan.log(
          `${codec.id}: round ${record.round} ${record.reason ?? 'committed'}, ${record.durationMs} ms`,
        );
      },
      done: () => finish(),
    }),
  );
  const { origin, close } = await serve(coordinator, peers);
  const shared = { origin, codec: name, parameters, schemaHash: SCHEMA_HASH, peers };
  const crowds = crowdsOf(shared, plan.links);
  try {
    await Promise.race([finished, ...crowds.map((crowd) => crowd.ended)]);
    const sent = await Promise.all(crowds.map((crowd) => crowd.leave()));
    return {
      records,
      meshBytes: sent.flatMap(({ meshBytes }) => meshBytes),
      relayBytes: sent.flatMap(({ relayBytes }) => relayBytes),
    };
  } finally {
    await Promise.allSettled(crowds.map((crowd) => crowd.leave()));
    await coordinator.stop();
    await close();
  }
}

/** All here, or so many in each of several processes. */
function crowdsOf(plan: Omit<CrowdPlan, 'from' | 'count'>, links?: LinkPort): Crowd[] {
  const { peers } = plan;
  if (links || peers <= MOST_HERE) return [openCrowd({ ...plan, from: 0, count: peers }, links)];
  return Array.from({ length: Math.ceil(peers / EACH) }, (_, i) =>
    forkCrowd({ ...plan, from: i * EACH, count: Math.min(EACH, peers - i * EACH) }),
  );
}

async function serve(
  coordinator: Coordinator,
  sockets: number,
): Promise<{ origin: string; close(): Promise<void> }> {
  const http = createServer().listen(0, '127.0.0.1');
  await once(http, 'listening');
  const io = attachSockets(http, {
    ...{ coordinator, joinToken: undefined, operatorToken: 'none', counts: noCounts(), warn: nothing },
    ...{ limits: { ...DEFAULT_LIMITS, maxSocketsPerAddress: sockets }, now: hostClock.now },
    after: (ms, call) => void hostClock.after(ms, call),
  });
  const { port } = http.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => io.close() };
}

function runOptions(
  { name, parameters, peers, rounds }: ExchangePlan & { readonly name: CodecName },
  first: Float32Array,
  seen: Pick<RunOptions['observer'], 'round' | 'done'>,
): RunOptions {
  const target = { kind: 'rounds', amount: rounds } as const;
  const fail = (sentence: string): never => {
    throw new Error(`exchange: ${sentence}`);
  };
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
