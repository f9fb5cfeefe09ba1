/** What `bench -- engine` measured, as Markdown, by the names of the sections of docs/PERFORMANCE.md. */
import { placeTitles, type Place } from '../engine/places.ts';
import type {
  EngineParts,
  EngineResult,
  Machine,
  OperationTimes,
  ProductSummary,
  StepColumn,
} from '../engine/result.ts';
import { operations } from '../stand/operations.ts';
import { limits } from './limits.ts';
import { table } from './sections.ts';

const ratioTitles = {
  chromiumRelaxedToTorch: 'Chromium, relaxed SIMD, to PyTorch on one thread',
  chromiumPlainToTorch: 'Chromium, plain SIMD, to PyTorch on one thread',
  nodePlainToTorch: 'Node, plain SIMD, to PyTorch on one thread',
  chromiumToTfjsWasm: 'Chromium, relaxed SIMD, to tfjs’s wasm backend as it comes',
  twoWorkersToOne: 'two workers at once to one, Chromium, relaxed SIMD',
} as const;

const titleOf = (column: StepColumn): string => {
  if (column === 'torch') return 'PyTorch';
  return column === 'tfjsWasmByHand' ? 'Chromium, tfjs wasm by hand' : placeTitles[column];
};

function machineText({ cpu, cores, memoryGib, platform, node, chromium, torch, blas }: Machine): string {
  const library = blas?.find((file) => /openblas|mkl|blis|atlas/.test(file)) ?? blas?.[0];
  const rest = [
    `Node ${node}`,
    chromium === null ? 'no Chromium' : `Chromium ${chromium}`,
    torch === null ? 'no PyTorch' : `PyTorch ${torch} with ${library ?? 'an unknown BLAS'}`,
  ];
  return `${cpu}, ${cores} cores, ${memoryGib} GiB of memory, ${platform}; ${rest.join('; ')}.`;
}

function ratiosText({ ratios, rates }: EngineParts): string | undefined {
  if (ratios === undefined || rates === undefined) return undefined;
  const { median } = rates;
  const rows = (Object.keys(ratioTitles) as (keyof typeof ratioTitles)[]).map((name) => [
    ratioTitles[name],
    ratios[name],
    limits[name],
  ]);
  const speeds = Object.entries(median).map(([name, rate]) => `${name} ${rate ?? '–'}`);
  return [
    table(['whole training steps', 'ratio', 'limited by'], rows),
    `Medians of ${rates.rounds} rounds of ${rates.stepsPerRound} steps; samples/s: ${speeds.join(', ')}.`,
  ].join('\n\n');
}

function attentionText({ attention }: EngineParts): string | undefined {
  if (attention === undefined || attention === null) return undefined;
  const rows = Object.entries(attention).map(([sizes, a]) => [sizes, a.oursMs, a.tfjsWasmMs, a.ratio]);
  return table(['batch × heads × tokens × channels', 'ours, ms', 'tfjs wasm, ms', 'times as fast'], rows);
}

function productsText({ products }: EngineParts): string | undefined {
  if (products === undefined || products === null) return undefined;
  const rowsOf = (title: string, { murmur, tfjsWasm, spread, toXnnpack }: ProductSummary) => [
    [title, 'murmur', ...Object.values(murmur), spread, toXnnpack],
    ['', 'tfjs wasm', ...Object.values(tfjsWasm), null, null],
  ];
  const rows = Object.entries(products).flatMap(([sizes, rates]) => [
    ...rowsOf(sizes, rates),
    ...rowsOf(`${sizes}, fastest samples`, rates.fastest),
  ]);
  const [first] = Object.values(products);
  const head = [
    'M×K×N',
    'GFLOP/s',
    ...Object.keys(first?.murmur ?? {}),
    'spread',
    'slowest to XNNPACK’s a·b',
  ];
  return [table(head, rows), `Medians of ${first?.rounds ?? 0} rounds.`].join('\n\n');
}

const timesText = (times: OperationTimes | undefined): string | null => {
  if (times === undefined || times.forwardMs === null) return null;
  return times.backwardMs === null ? `${times.forwardMs}` : `${times.forwardMs} + ${times.backwardMs}`;
};

const columnsOf = <Column extends string>(
  rows: readonly Readonly<Partial<Record<Column, unknown>>>[],
): Column[] => [...new Set(rows.flatMap((row) => Object.keys(row) as Column[]))];

function operationsText({ operations: measured }: EngineParts): string | undefined {
  if (measured === undefined) return undefined;
  const columns: StepColumn[] = columnsOf<Place | 'torch'>(
    Object.values(measured.rows).map(({ times }) => times),
  );
  const rows = Object.entries(measured.rows).map(([name, row]) => [
    name,
    ...columns.map((column) => (column === 'tfjsWasmByHand' ? null : timesText(row.times[column]))),
    row.relaxedToTorch,
    limits[operations[name]?.kind ?? ''],
  ]);
  return [
    table(['forward + backward, ms', ...columns.map(titleOf), 'relaxed to PyTorch', 'limited by'], rows),
    `Medians of ${measured.rounds} rounds.`,
  ].join('\n\n');
}

function stepsText({ steps }: EngineParts): string | undefined {
  if (steps === undefined) return undefined;
  const columns = columnsOf<StepColumn>(Object.values(steps.rows).map(({ rates }) => rates));
  const rows = Object.entries(steps.rows).map(([name, row]) => [
    `${name}, batch ${row.batch}`,
    ...columns.map((column) => row.rates[column]),
    row.relaxedToTorch,
    limits[name],
  ]);
  return [
    table(['samples/s', ...columns.map(titleOf), 'relaxed to PyTorch', 'limited by'], rows),
    `Medians of ${steps.rounds} rounds.`,
  ].join('\n\n');
}

/** A section for each part that was measured. */
export function engineSections(result: EngineResult): Map<string, string> {
  const texts = {
    machine: machineText(result.machine),
    ratios: ratiosText(result),
    attention: attentionText(result),
    products: productsText(result),
    operations: operationsText(result),
    steps: stepsText(result),
  };
  const measured = Object.entries(texts).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Map(measured);
}
