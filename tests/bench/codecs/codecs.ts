/** npm run bench -- codecs: what encoding and decoding a million values costs, beside copying them as float32, in one run. */
import type { Codec } from '@murmur/core/codec/codec';
import { CODECS } from '@murmur/core/codec/registry';
import { sparse } from '@murmur/core/codec/sparse';
import { key, normal } from '@murmur/core/random/key';
import { alternate, warmedUp, type Contender } from '../alternate.ts';
import type { BenchOptions } from '../options.ts';

const VALUES = 1_000_000;
/** What the values take as float32, which all rates count. */
const MEGABYTES = (4 * VALUES) / 1e6;

export interface CodecsRow {
  readonly codec: string;
  readonly bytesPerValue: number;
  /** Of float32 a second; medians. */
  readonly encodeMb: number | null;
  readonly decodeMb: number | null;
  /** The median over the rounds of the rate divided by that of float32. */
  readonly encodeRatio: number | null;
  readonly decodeRatio: number | null;
}

export interface CodecsResult {
  readonly bench: 'codecs';
  readonly values: number;
  readonly rounds: number;
  readonly stepsPerRound: number;
  readonly on: string;
  readonly rows: readonly CodecsRow[];
}

type Way = 'encode' | 'decode';
type Name = `${string} ${Way}`;

/** The rate of the fastest of so many calls, in MB of float32 a second: they take milliseconds, and other processes the rest. */
function rateOf(calls: number, call: () => unknown): number {
  const times = Array.from({ length: calls }, () => {
    const began = performance.now();
    call();
    return (performance.now() - began) / 1e3;
  });
  return MEGABYTES / Math.min(...times);
}

function contendersOf(codec: Codec, values: Float32Array, calls: number): Contender<Name>[] {
  const bytes = codec.encode(values);
  return [
    { name: `${codec.id} encode`, visit: async () => rateOf(calls, () => codec.encode(values)) },
    { name: `${codec.id} decode`, visit: async () => rateOf(calls, () => codec.decode(bytes, VALUES)) },
  ];
}

/** Medians over rounds in which all codecs take turns. */
export async function codecs(options: BenchOptions): Promise<CodecsResult> {
  const { quick, log, rounds = quick ? 1 : 5, steps = quick ? 2 : 8 } = options;
  const all = [...CODECS, sparse];
  const values = normal(key(1), VALUES);
  const contenders = await warmedUp(
    all.flatMap((codec) => contendersOf(codec, values, steps)),
    log,
  );
  const { middle, ratio } = await alternate(contenders, rounds, (name, rate, round) =>
    log(`round ${round}/${rounds} ${name} ${rate.toFixed(0)} MB/s`),
  );
  const rows = all.map(({ id, encodedBytes }) => ({
    codec: id,
    bytesPerValue: encodedBytes(VALUES) / VALUES,
    encodeMb: middle(`${id} encode`),
    decodeMb: middle(`${id} decode`),
    encodeRatio: ratio(`${id} encode`, 'float32 encode'),
    decodeRatio: ratio(`${id} decode`, 'float32 decode'),
  }));
  const on = `Node ${process.versions.node}, one thread`;
  return { bench: 'codecs', values: VALUES, rounds, stepsPerRound: steps, on, rows };
}
