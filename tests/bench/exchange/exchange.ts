import { CODECS } from '@murmur/core/codec/registry';
import { planParts } from '@murmur/core/round/plan';
import type { Codec } from '@murmur/core/codec/codec';
import type { BenchOptions } from '../options.ts';
import { memoryLinks } from './memoryLinks.ts';
import { exchangeRounds, type Exchanged, type ExchangePlan } from './measure.ts';

const PARAMETERS = 5_000_000;
/** A block for each of the parts of a full group. */
const QUICK_PARAMETERS = 16 * 4_096;
const PEERS = 8;
const ROUNDS = 2;

export interface ExchangeRow {
  readonly codec: string;
  /** Of one pseudo-gradient, all parts of it. */
  readonly encodedBytes: number;
  /** Mean per volunteer and round, over data channels: frames, greetings and confirmations included. */
  readonly uploadBytes: number;
  /** Of the volunteer that sent least, and most. */
  readonly leastUploadBytes: number;
  readonly mostUploadBytes: number;
  readonly relayBytes: number;
  /** Of a round, as multiples of `encodedBytes`: 2 is one copy in and one copy out. */
  readonly coordinatorCopies: number;
  readonly roundMs: number;
}

export interface ExchangeResult {
  readonly parameters: number;
  readonly peers: number;
  readonly rounds: number;
  readonly rows: readonly ExchangeRow[];
}

/** What a round costs in bytes, with every codec there is, over real data channels; nothing is trained. */
export async function exchange({
  rounds = ROUNDS,
  peers = PEERS,
  only,
  memoryLinks: inMemory,
  quick,
  log,
}: BenchOptions): Promise<ExchangeResult> {
  const parameters = quick ? QUICK_PARAMETERS : PARAMETERS;
  const rows: ExchangeRow[] = [];
  for (const codec of chosen(only)) {
    const links = inMemory ? memoryLinks() : undefined;
    const plan: ExchangePlan = { codec, parameters, peers, rounds, links, log };
    rows.push(rowOf(plan, await exchangeRounds(plan)));
  }
  return { parameters, peers, rounds, rows };
}

function chosen(only: readonly string[] | undefined): readonly Codec[] {
  const unknown = only?.find((id) => !CODECS.some((codec) => codec.id === id));
  if (unknown !== undefined)
    throw new Error(`--only ${unknown}: expected codecs, of ${CODECS.map(({ id }) => id).join(', ')}`);
  return CODECS.filter(({ id }) => only?.includes(id) ?? true);
}

function rowOf({ codec, parameters, peers, rounds }: ExchangePlan, seen: Exchanged): ExchangeRow {
  const encodedBytes = encodedBytesOf(codec, parameters, peers);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const committed = seen.records.filter(({ reason }) => reason === null);
  if (committed.length !== rounds)
    throw new Error(`expected ${rounds} rounds to commit, and ${committed.length} did`);
  const perRound = seen.meshBytes.map((bytes) => Math.round(bytes / rounds));
  return {
    codec: codec.id,
    encodedBytes,
    uploadBytes: Math.round(mean(perRound)),
    leastUploadBytes: Math.min(...perRound),
    mostUploadBytes: Math.max(...perRound),
    relayBytes: Math.round(mean(seen.relayBytes) / rounds),
    coordinatorCopies: mean(committed.map(({ coordinatorBytes }) => coordinatorBytes)) / encodedBytes,
    roundMs: Math.round(mean(committed.map(({ durationMs }) => durationMs))),
  };
}

/** A codec may take as much for zeros as for anything else: sizes follow from lengths. */
function encodedBytesOf(codec: Codec, parameters: number, peers: number): number {
  const owners = Array.from({ length: peers }, (_, i) => String(i));
  return planParts(parameters, owners).reduce(
    (sum, { start, end }) => sum + codec.encode(new Float32Array(end - start)).byteLength,
    0,
  );
}
