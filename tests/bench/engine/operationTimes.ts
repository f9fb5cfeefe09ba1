/** Milliseconds of each operation, forward and backward, on every backend and in PyTorch. */
import { alternate, warmedUp, type Contender, type Visits } from '../alternate.ts';
import { median, rounded } from '../median.ts';
import { operations, type OperationSpec } from '../stand/operations.ts';
import type { Direction } from '../stand/task.ts';
import { closePlaces, openPlaces, tableRounds, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts, OperationColumn, OperationRow, OperationTimes, OperationVisit } from './result.ts';
import type { TorchOperations } from './torch/torch.ts';

const SAMPLES = 3;

/** Somebody who times an operation by its name. */
interface Timer {
  readonly column: OperationColumn;
  time(name: string, direction: Direction): Promise<readonly number[]>;
}

const placeTimer = (stand: OpenPlace): Timer => ({
  column: stand.place,
  time: async (name, direction) => (await stand.perform({ kind: 'operation', name, direction }, SAMPLES)).ms,
});

const torchTimer = (torch: TorchOperations): Timer => ({
  column: 'torch',
  time: (name, direction) => torch.time(operations[name] as OperationSpec, direction, SAMPLES),
});

const directionsOf = ({ kind }: OperationSpec): readonly Direction[] =>
  kind === 'adamw' ? ['forward'] : ['forward', 'both'];

function contendersOf(
  timers: readonly Timer[],
  name: string,
  directions: readonly Direction[],
): Contender<OperationVisit>[] {
  return timers.flatMap(({ column, time }) =>
    directions.map((direction) => ({
      name: `${column} ${direction}` as const,
      visit: async () => median(await time(name, direction)),
    })),
  );
}

/** Forward and backward together are measured; the difference is at least zero. */
function timesOf(forwardMs: number | null, bothMs: number | null): OperationTimes {
  const backwardMs = forwardMs === null || bothMs === null ? null : rounded(Math.max(0, bothMs - forwardMs));
  return { forwardMs, backwardMs };
}

function rowOf(
  visits: Visits<OperationVisit>,
  columns: readonly OperationColumn[],
  last: Direction,
): OperationRow {
  const cells = columns.map((column) => [
    column,
    timesOf(visits.middle(`${column} forward`), visits.middle(`${column} both`)),
  ]);
  return {
    times: Object.fromEntries(cells),
    relaxedToTorch: visits.ratio(`torch ${last}`, `chromiumRelaxed ${last}`),
  };
}

async function measured(
  timers: readonly Timer[],
  name: string,
  context: EngineContext,
): Promise<OperationRow> {
  const directions = directionsOf(operations[name] as OperationSpec);
  const contenders = await warmedUp(contendersOf(timers, name, directions), context.log);
  const visits = await alternate(contenders, tableRounds(context), () => undefined);
  const row = rowOf(
    visits,
    timers.map(({ column }) => column),
    directions.at(-1) ?? 'forward',
  );
  context.log(`operations ${name}: ${JSON.stringify(row)}`);
  return row;
}

export async function operationTimes(context: EngineContext): Promise<EngineParts> {
  const torch = context.torch?.openOperations();
  const places = openPlaces(context);
  const timers = [...(torch === undefined ? [] : [torchTimer(torch)]), ...places.map(placeTimer)];
  const rows: Record<string, OperationRow> = {};
  for (const name of Object.keys(operations)) rows[name] = await measured(timers, name, context);
  await closePlaces([...places, ...(torch === undefined ? [] : [torch])]);
  return { operations: { rounds: tableRounds(context), unit: 'ms', rows } };
}
