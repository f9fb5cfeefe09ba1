/** Scaled dot-product attention, forward and backward: ours in Chromium with relaxed SIMD beside plain tfjs on its wasm backend. */
import { alternate } from '../alternate.ts';
import { median } from '../median.ts';
import type { AttentionTask, Author } from '../stand/task.ts';
import { closePlaces, openPlaces, tableRounds, type EngineContext } from './places.ts';
import type { AttentionTimes, EngineParts } from './result.ts';

const SIZES: readonly AttentionTask['sizes'][] = [
  [64, 4, 17, 32],
  [64, 4, 65, 16],
];
const SAMPLES = 5;

const authors: readonly Author[] = ['ours', 'tfjs'];

export async function attention(context: EngineContext): Promise<EngineParts> {
  const { log } = context;
  const rounds = tableRounds(context);
  const places = openPlaces(context, ['chromiumRelaxed', 'chromiumWasm']);
  const results: [string, AttentionTimes][] = [];
  for (const sizes of places.length === 0 ? [] : SIZES) {
    const title = sizes.join('×');
    const contenders = places.map((stand, i) => {
      const name = authors[i] as Author;
      const task = { kind: 'attention', author: name, sizes, direction: 'both' } as const;
      return { name, visit: async () => median((await stand.perform(task, SAMPLES)).ms) };
    });
    const visits = await alternate(contenders, rounds, (name, ms, round) =>
      log(`attention ${round}/${rounds} ${title} ${name.padEnd(5)} ${ms.toFixed(2)} ms`),
    );
    const [ours, tfjs] = [visits.middle('ours'), visits.middle('tfjs')];
    results.push([title, { oursMs: ours, tfjsWasmMs: tfjs, ratio: visits.ratio('tfjs', 'ours'), rounds }]);
  }
  await closePlaces(places);
  return { attention: results.length === 0 ? null : Object.fromEntries(results) };
}
