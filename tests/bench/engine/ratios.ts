/** The four ratios that the engine is judged by: MAE tiny, batch 64, 32×32×1, patch 4. */
import { alternate, warmedUp, type Contender } from '../alternate.ts';
import { median } from '../median.ts';
import type { NaiveStepTask, Stand, StepTask, Task } from '../stand/task.ts';
import { closePlaces, openPlaces, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts } from './result.ts';

export const TINY: StepTask = { kind: 'step', objective: 'mae', preset: 'tiny', batch: 64 };
export const NAIVE_TINY: NaiveStepTask = { kind: 'naiveStep', preset: 'tiny', batch: 64 };

type Name =
  'torch' | 'nodePlain' | 'chromiumRelaxed' | 'chromiumPlain' | 'tfjsWasmByHand' | 'oneWorker' | 'twoWorkers';

/** A step by hand on tfjs's wasm backend takes seconds. */
const NAIVE_STEPS = 2;

/** samples/s from the median of some steps. */
export async function rateOf(
  stand: Stand,
  task: Task & { readonly batch: number },
  steps: number,
): Promise<number> {
  const { ms } = await stand.perform(task, steps);
  return (1000 * task.batch) / median(ms);
}

function threadContenders(places: readonly OpenPlace[], steps: number): Contender<Name>[] {
  return places.map((stand) =>
    stand.place === 'chromiumWasm'
      ? {
          name: 'tfjsWasmByHand' as const,
          visit: () => rateOf(stand, NAIVE_TINY, Math.min(steps, NAIVE_STEPS)),
        }
      : { name: stand.place as Name, visit: () => rateOf(stand, TINY, steps) },
  );
}

/** One worker, and two at once in the same page: samples/s of all together by the wall clock, until the last is done. */
function workerContenders({ chromium, steps }: EngineContext): Contender<Name>[] {
  if (chromium === undefined) return [];
  return (['oneWorker', 'twoWorkers'] as const).map((name, i) => {
    const count = i + 1;
    const together = chromium.openSeveral('relaxed', count);
    return {
      name,
      visit: async () => (1000 * count * TINY.batch * steps) / (await together(TINY, steps)),
    };
  });
}

function torchContender({ torch, steps }: EngineContext): Contender<Name>[] {
  if (torch === undefined) return [];
  return [{ name: 'torch', visit: async () => (await torch.rate(TINY, steps)) ?? NaN }];
}

export async function ratios(context: EngineContext): Promise<EngineParts> {
  const { rounds, steps, log } = context;
  const places = openPlaces(context, ['nodePlain', 'chromiumRelaxed', 'chromiumPlain', 'chromiumWasm']);
  const contenders = await warmedUp(
    [...torchContender(context), ...threadContenders(places, steps), ...workerContenders(context)],
    log,
  );
  const visits = await alternate(contenders, rounds, (name, value, round) =>
    log(`ratios ${round}/${rounds} ${name.padEnd(16)} ${value.toFixed(1)} samples/s`),
  );
  await closePlaces(places);
  return {
    ratios: {
      chromiumRelaxedToTorch: visits.ratio('chromiumRelaxed', 'torch'),
      nodePlainToTorch: visits.ratio('nodePlain', 'torch'),
      chromiumPlainToTorch: visits.ratio('chromiumPlain', 'torch'),
      chromiumToTfjsWasm: visits.ratio('chromiumRelaxed', 'tfjsWasmByHand'),
      twoWorkersToOne: visits.ratio('twoWorkers', 'oneWorker'),
    },
    rates: {
      ...{ task: TINY, unit: 'samples/s', rounds, stepsPerRound: steps },
      median: Object.fromEntries(contenders.map(({ name }) => [name, visits.middle(name)])),
      all: Object.fromEntries([...visits.all].map(([name, values]) => [name, values.map(Math.round)])),
    },
  };
}
