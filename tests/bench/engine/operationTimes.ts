/** Milliseconds of each operation, forward and backward, on every backend and in PyTorch. */
import { alternate, warmedUp, type Contender } from '../alternate.ts';
import { median, rounded } from '../median.ts';
import { operations, type OperationSpec } from '../stand/operations.ts';
import type { Direction } from '../stand/task.ts';
import { closePlaces, openPlaces, tableRounds, type EngineContext, type OpenPlace } from './places.ts';
import type { EngineParts, OperationColumn, OperationRow, OperationTimes, OperationVisit } from './result.ts';
import type { TorchOperations } from './torch/torch.ts';

const SAMPLES = 3;

function contendersOf(
  places: readonly OpenPlace[],
  name: string,
  { kind }: OperationSpec,
): Contender<OperationVisit>[] {
  const directions: readonly Direction[] = kind === 'adamw' ? ['forward'] : ['forward', 'both'];
  return places.flatMap((stand) =>
    directions.map((direction) => ({
      name: `${stand.place} ${direction}` as const,
      visit: async () => median((await stand.perform({ kind: 'operation', name, direction }, SAMPLES)).ms),
    })),
  );
}

/** Forward and backward together are measured; the difference is at least zero. */
function timesOf(forwardMs: number | null, bothMs: number | null): OperationTimes {
  const backwardMs = forwardMs === null || bothMs === null ? null : rounded(Math.max(0, bothMs - forwardMs));
  return { forwardMs, backwardMs };
}

const middle = (values: readonly number[] | undefined): number | null =>
  values === undefined ? null : rounded(median(values));

async function torchTimes({ torch, log }: EngineContext, rounds: number): Promise<TorchOperations> {
  if (torch === undefined) return {};
  log('operations in PyTorch');
  return torch.operations(operations, rounds * SAMPLES);
}

export async function operationTimes(context: EngineContext): Promise<EngineParts> {
  const rounds = tableRounds(context);
  const torch = await torchTimes(context, rounds);
  const places = openPlaces(context);
  const rows: Record<string, OperationRow> = {};
  for (const [name, spec] of Object.entries(operations)) {
    const contenders = await warmedUp(contendersOf(places, name, spec), context.log);
    const visits = await alternate(contenders, rounds, () => undefined);
    const row: Partial<Record<OperationColumn, OperationTimes>> = {};
    for (const { place } of places)
      row[place] = timesOf(visits.middle(`${place} forward`), visits.middle(`${place} both`));
    const twin = torch[name];
    if (twin !== undefined) row.torch = timesOf(middle(twin.forwardMs), middle(twin.bothMs));
    rows[name] = row;
    context.log(`operations ${name}: ${JSON.stringify(row)}`);
  }
  await closePlaces(places);
  return { operations: { rounds, unit: 'ms', rows } };
}
