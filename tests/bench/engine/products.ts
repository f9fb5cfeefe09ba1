/** Matrix products in all four transpositions: ours in Chromium with relaxed SIMD beside tfjs's wasm backend, XNNPACK for a·b. */
import { alternate, type Contender } from '../alternate.ts';
import { median, rounded } from '../median.ts';
import type { ProductTask } from '../stand/task.ts';
import { closePlaces, openPlaces, tableRounds, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts, ProductRates } from './result.ts';

const SIZES: readonly ProductTask['sizes'][] = [
  [1088, 512, 128],
  [4160, 256, 64],
  [1088, 192, 768],
];
const SAMPLES = 5;

const transpositions = ['a·b', 'a·bᵀ', 'aᵀ·b', 'aᵀ·bᵀ'] as const;
type Transposition = (typeof transpositions)[number];
const owners = ['murmur', 'tfjsWasm'] as const;
type Name = `${(typeof owners)[number]} ${Transposition}`;

function contendersOf(places: readonly OpenPlace[], sizes: ProductTask['sizes']): Contender<Name>[] {
  const [M, K, N] = sizes;
  return places.flatMap((stand, owner) =>
    transpositions.map((transposition, i) => ({
      name: `${owners[owner] as (typeof owners)[number]} ${transposition}` as const,
      async visit() {
        const task = { kind: 'product', sizes, transposeA: i >= 2, transposeB: i % 2 === 1 } as const;
        const { ms } = await stand.perform(task, SAMPLES);
        return (2 * M * N * K) / median(ms) / 1e6;
      },
    })),
  );
}

/** GFLOP/s by transposition; `spread` is the slowest one's time over the fastest one's. */
async function productsOf(
  context: EngineContext,
  places: readonly OpenPlace[],
  sizes: ProductTask['sizes'],
): Promise<ProductRates> {
  const rounds = tableRounds(context);
  const visits = await alternate(contendersOf(places, sizes), rounds, (name, rate, round) =>
    context.log(
      `products ${round}/${rounds} ${sizes.join('×')} ${name.padEnd(15)} ${rate.toFixed(1)} GFLOP/s`,
    ),
  );
  const of = (owner: (typeof owners)[number]): number[] =>
    transpositions.map((transposition) => visits.middle(`${owner} ${transposition}`) ?? NaN);
  const named = (values: readonly number[]) =>
    Object.fromEntries(transpositions.map((name, i) => [name, values[i] ?? NaN]));
  const [ours, theirs] = [of('murmur'), of('tfjsWasm')];
  return {
    murmur: named(ours),
    tfjsWasm: named(theirs),
    spread: rounded(Math.max(...ours) / Math.min(...ours)),
    toXnnpack: rounded(Math.min(...ours) / (theirs[0] ?? NaN)),
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
