/** Whole training steps of every model, on every backend, in PyTorch, and by hand on tfjs as it comes. */
import { alternate, warmedUp, type Contender } from '../alternate.ts';
import type { StepTask } from '../stand/task.ts';
import { closePlaces, openPlaces, tableRounds, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts, StepColumn, StepRow } from './result.ts';
import { NAIVE_TINY, rateOf } from './ratios.ts';

/** samples/s hardly depend on the batch; larger ones of the larger models need gigabytes. */
const TASKS: Readonly<Record<string, StepTask>> = {
  'MAE nano': { kind: 'step', objective: 'mae', preset: 'nano', batch: 64 },
  'MAE tiny': { kind: 'step', objective: 'mae', preset: 'tiny', batch: 64 },
  'MAE small': { kind: 'step', objective: 'mae', preset: 'small', batch: 64 },
  'SimCLR nano': { kind: 'step', objective: 'simclr', preset: 'nano', batch: 32 },
  'SimCLR tiny': { kind: 'step', objective: 'simclr', preset: 'tiny', batch: 32 },
  'SimCLR small': { kind: 'step', objective: 'simclr', preset: 'small', batch: 8 },
};

/** A visit takes about as long, or one step. */
const VISIT_MS = 1500;
const isTiny = ({ objective, preset }: StepTask): boolean => objective === 'mae' && preset === 'tiny';

/** Visits of about equal length: as many steps as the first, of one step, lets expect. */
function pacedContender(
  name: StepColumn,
  { batch, most }: { readonly batch: number; readonly most: number },
  rate: (steps: number) => Promise<number>,
): Contender<StepColumn> {
  let steps: number | undefined;
  return {
    name,
    async visit() {
      const reached = await rate(steps ?? 1);
      steps ??= Math.max(1, Math.min(most, Math.round((VISIT_MS * reached) / (1000 * batch))));
      return reached;
    },
  };
}

function contendersOf(
  context: EngineContext,
  places: readonly OpenPlace[],
  byHand: readonly OpenPlace[],
  task: StepTask,
) {
  const { torch, steps } = context;
  const paced = (name: StepColumn, rate: (steps: number) => Promise<number>) =>
    pacedContender(name, { batch: task.batch, most: steps }, rate);
  const inTorch = async (count: number) => (await torch?.rate(task, count)) ?? NaN;
  return [
    ...(torch === undefined ? [] : [paced('torch', inTorch)]),
    ...places.map((stand) => paced(stand.place, (count) => rateOf(stand, task, count))),
    ...byHand.map((stand) => paced('tfjsWasmByHand', (count) => rateOf(stand, NAIVE_TINY, count))),
  ];
}

async function rowOf(context: EngineContext, title: string, task: StepTask): Promise<StepRow> {
  const rounds = tableRounds(context);
  const places = openPlaces(context);
  const byHand = isTiny(task) ? openPlaces(context, ['chromiumWasm']) : [];
  const contenders = await warmedUp(contendersOf(context, places, byHand, task), context.log);
  const visits = await alternate(contenders, rounds, (name, value, round) =>
    context.log(
      `steps ${round}/${rounds} ${title.padEnd(12)} ${name.padEnd(15)} ${value.toFixed(1)} samples/s`,
    ),
  );
  await closePlaces([...places, ...byHand]);
  return {
    batch: task.batch,
    rates: Object.fromEntries(contenders.map(({ name }) => [name, visits.middle(name)])),
    relaxedToTorch: visits.ratio('chromiumRelaxed', 'torch'),
  };
}

export async function steps(context: EngineContext): Promise<EngineParts> {
  const rows: Record<string, StepRow> = {};
  for (const [title, task] of Object.entries(TASKS)) rows[title] = await rowOf(context, title, task);
  return {
    steps: { rounds: tableRounds(context), unit: 'samples/s', rows },
  };
}
