import { CODECS } from '@murmur/core/codec/registry';
import { recompute } from '@murmur/core/engine/recompute';
import { attackGradients, attackKinds } from '@murmur/core/rehearsal/attacks';
import { key } from '@murmur/core/random/key';
import { RECALLED_STEPS } from '@murmur/core/round/past';
import type { Likeness } from '@murmur/core/round/state';
import { likenessOf } from '@murmur/core/round/verdict';
import { createTrainer, type TrainerOptions } from '@murmur/core/train/trainer';
import { clock, VOLUNTEERS, type Played } from './playRun.ts';

/** Trained with what the machine takes by itself; checked with that, and with tfjs. */
const BACKENDS = {
  same: {},
  'tfjs wasm': { backend: 'wasm' },
} as const satisfies Readonly<Record<string, Partial<TrainerOptions>>>;

export interface Alike {
  readonly what: string;
  readonly backend: string;
  readonly cosine: readonly [number, number];
  readonly length: readonly [number, number];
}

/** What the first volunteer sent in this round, and what attackers would have, beside what training it again gives. */
export async function alike(played: Played, round: number): Promise<Alike[]> {
  const rows: Alike[] = [];
  const honest = played.gradients[round - 1] as readonly Float32Array[];
  const sent = sentBy(honest);
  for (const [backend, choice] of Object.entries(BACKENDS)) {
    const own = await again(played, round, { choice, recalled: RECALLED_STEPS });
    for (const [what, values] of Object.entries(sent)) rows.push({ backend, what, ...rangeOf(values, own) });
  }
  const alone = await again(played, round, { choice: {}, recalled: 0 });
  for (const [what, values] of Object.entries(sent))
    rows.push({ backend: 'same, without memory', what, ...rangeOf(values, alone) });
  return rows;
}

async function again(
  { spec, shards, stints }: Played,
  round: number,
  { choice, recalled }: { choice: Partial<TrainerOptions>; recalled: number },
): Promise<Float32Array> {
  const steps = stints[0]?.[0]?.manifest.maxSteps ?? 1;
  const first = Math.max(0, round - 1 - Math.ceil(recalled / steps));
  const mine = stints.slice(first, round).flatMap((all) => all[0] ?? []);
  const makeTrainer = () => createTrainer(spec, { ...choice, clock });
  const done = await recompute({ makeTrainer, shards, isOver: () => false }, mine);
  if (done.kind === 'failed') throw new Error(done.sentence);
  return done.gradient;
}

/** What the first volunteer sends with each codec when nothing is carried, and with each attack. */
function sentBy(honest: readonly Float32Array[]): Record<string, Float32Array> {
  const [own] = honest as readonly [Float32Array];
  const coded = CODECS.map((codec): [string, Float32Array] => {
    const decoded = codec.decode(codec.encode(own), own.length);
    if (decoded.kind === 'refused') throw new Error(decoded.detail);
    return [`honest ${codec.id}`, decoded.values];
  });
  const attacks = attackKinds.map((kind): [string, Float32Array] => {
    const [sent] = attackGradients(key(1), kind, { own: honest.slice(0, 1), honest: honest.slice(1) });
    return [kind, sent as Float32Array];
  });
  return Object.fromEntries([...coded, ...attacks]);
}

/** Over parts as long as they are among so many volunteers. */
function rangeOf(sent: Float32Array, own: Float32Array): Pick<Alike, 'cosine' | 'length'> {
  const length = Math.floor(own.length / VOLUNTEERS);
  const parts = Array.from({ length: VOLUNTEERS }, (_, i) => {
    const of = (values: Float32Array) => values.subarray(i * length, (i + 1) * length);
    return likenessOf(of(sent), of(own)) as Likeness;
  });
  const range = (of: (likeness: Likeness) => number): [number, number] => [
    Math.min(...parts.map(of)),
    Math.max(...parts.map(of)),
  ];
  return { cosine: range(({ cosine }) => cosine), length: range((one) => one.length) };
}
