/** Matrix products in all four transpositions: ours in Chromium with relaxed SIMD beside tfjs's wasm backend, XNNPACK for a·b. */
import { alternate, type Contender } from '../alternate.ts';
import { median, rounded } from '../median.ts';
import type { ProductTask } from '../stand/task.ts';
import { closePlaces, openPlaces, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts, ProductRates, ProductSummary } from './result.ts';

const SIZES: readonly ProductTask['sizes'][] = [
  [1088, 512, 128],
  [4160, 256, 64],
  [1088, 192, 768],
];
const SAMPLES = 3;

const transpositions = ['a·b', 'a·bᵀ', 'aᵀ·b', 'aᵀ·bᵀ'] as const;
type Transposition = (typeof transpositions)[number];
const owners = ['murmur', 'tfjsWasm'] as const;
type Name = `${(typeof owners)[number]} ${Transposition}`;

/** GFLOP/s from the median of a visit's samples; each visit's fastest goes into `fastest` when it beats what is there. */
function contendersOf(
  places: readonly OpenPlace[],
  sizes: ProductTask['sizes'],
  fastest: Map<Name, number>,
): Contender<Name>[] {
  const [M, K, N] = sizes;
  const rateOf = (ms: number): number => (2 * M * N * K) / ms / 1e6;
  return places.flatMap((stand, owner) =>
    transpositions.map((transposition, i) => {
      const name = `${owners[owner] as (typeof owners)[number]} ${transposition}` as const;
      const task = { kind: 'product', sizes, transposeA: i >= 2, transposeB: i % 2 === 1 } as const;
      const visit = async () => {
        const { ms } = await stand.perform(task, SAMPLES);
        fastest.set(name, Math.max(fastest.get(name) ?? 0, rateOf(Math.min(...ms))));
        return rateOf(median(ms));
      };
      return { name, visit };
    }),
  );
}

function summaryOf(rate: (name: Name) => number): ProductSummary {
  const of = (owner: (typeof owners)[number]): number[] =>
    transpositions.map((transposition) => rounded(rate(`${owner} ${transposition}`)));
  const named = (values: readonly number[]) =>
    Object.fromEntries(transpositions.map((name, i) => [name, values[i] ?? NaN]));
  const [ours, theirs] = [of('murmur'), of('tfjsWasm')];
  return {
    murmur: named(ours),
    tfjsWasm: named(theirs),
    spread: rounded(Math.max(...ours) / Math.min(...ours)),
    toXnnpack: rounded(Math.min(...ours) / (theirs[0] ?? NaN)),
  };
}

async function productsOf(
  context: EngineContext,
  places: readonly OpenPlace[],
  sizes: ProductTask['sizes'],
): Promise<ProductRates> {
  const { rounds, log } = context;
  const fastest = new Map<Name, number>();
  const visits = await alternate(contendersOf(places, sizes, fastest), rounds, (name, rate, round) =>
    log(`products ${round}/${rounds} ${sizes.join('×')} ${name.padEnd(15)} ${rate.toFixed(1)} GFLOP/s`),
  );
  return {
    ...summaryOf((name) => visits.middle(name) ?? NaN),
    fastest: summaryOf((name) => fastest.get(name) ?? NaN),
    rounds,
  };
}

/** By `M×K×N`, as in the sizes of a·b: [M, K] · [K, N]. */
export async function products(context: EngineContext): Promise<EngineParts> {
  const places = openPlaces(context, ['chromiumRelaxed', 'chromiumWasm']);
  const results: [string, ProductRates][] = [];
  for (const sizes of places.length === 0 ? [] : SIZES) {
    results.push([sizes.join('×'), await productsOf(context, places, sizes)]);
  }
  await closePlaces(places);
  return { products: results.length === 0 ? null : Object.fromEntries(results) };
}
