/** The rows of a sweep as CSV: written after every configuration, read again when the command goes on. */
import { Failure } from '../cli/failure.ts';
import type { Cell, VariedName } from './factors.ts';
import type { RunResult, Shares } from './messages.ts';

export interface Row extends Cell {
  readonly result: RunResult;
  readonly untrained: Shares;
  readonly pixels: Shares;
}

const RESULTS = ['samples', 'rounds', 'loss', 'knn', 'probe', 'uploadBytes', 'seconds'] as const;
const BASELINES = ['untrainedKnn', 'untrainedProbe', 'pixelsKnn', 'pixelsProbe'] as const;

const header = (names: readonly VariedName[]): string =>
  [...names, 'seed', ...RESULTS, ...BASELINES].join(',');

/** Six digits: more than any of the figures has. */
const short = (value: number): string => String(Number(value.toPrecision(6)));

function line(names: readonly VariedName[], { levels, seed, result, untrained, pixels }: Row): string {
  const baselines = [untrained.knn, untrained.probe, pixels.knn, pixels.probe];
  const numbers = [...RESULTS.map((name) => result[name]), ...baselines];
  return [...names.map((name) => levels[name]), seed, ...numbers.map(short)].join(',');
}

export const toCsv = (names: readonly VariedName[], rows: readonly Row[]): string =>
  [header(names), ...rows.map((row) => line(names, row)), ''].join('\n');

/** Reads what `toCsv` wrote. Throws a sentence where it is another sweep's, or damaged. */
export function fromCsv(text: string, names: readonly VariedName[], path: string): Row[] {
  const [first, ...lines] = text.trimEnd().split('\n');
  if (first !== header(names))
    throw new Failure(
      `${path} is of another sweep (its columns are ${first}): name another folder with --out.`,
    );
  return lines.map((text, i) => {
    const cells = text.split(',');
    const values = cells.slice(names.length).map(Number);
    if (values.length !== 1 + RESULTS.length + BASELINES.length || values.some(Number.isNaN))
      throw new Failure(
        `${path} is damaged in line ${i + 2}: delete that line, and its configuration is run again.`,
      );
    const [seed, samples, rounds, loss, knn, probe, uploadBytes, seconds, ...baselines] = values as number[];
    return {
      levels: Object.fromEntries(names.map((name, k) => [name, cells[k]])),
      seed,
      result: { samples, rounds, loss, knn, probe, uploadBytes, seconds },
      untrained: { knn: baselines[0], probe: baselines[1] },
      pixels: { knn: baselines[2], probe: baselines[3] },
    } as Row;
  });
}

export const sameCell = (names: readonly VariedName[], a: Cell, b: Cell): boolean =>
  a.seed === b.seed && names.every((name) => a.levels[name] === b.levels[name]);

/** What the seeds of one configuration came to. */
export interface Summary {
  readonly levels: Cell['levels'];
  readonly seeds: number;
  readonly probe: Spread;
  readonly knn: Spread;
  readonly loss: number;
  /** Sent by each volunteer in one round. */
  readonly uploadBytesPerRound: number;
}

export interface Spread {
  readonly mean: number;
  /** Sample standard deviation; 0 of a single value. */
  readonly deviation: number;
  readonly least: number;
  readonly most: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const mean = average(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
  return { mean, deviation, least: Math.min(...values), most: Math.max(...values) };
}

export const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** One summary a configuration, in the order of the rows. */
export function summarise(names: readonly VariedName[], rows: readonly Row[]): Summary[] {
  const nameOf = (row: Row) => names.map((name) => row.levels[name]).join(',');
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(nameOf(row), [...(groups.get(nameOf(row)) ?? []), row]);
  return [...groups.values()].map((group) => ({
    levels: (group[0] as Row).levels,
    seeds: group.length,
    probe: spreadOf(group.map(({ result }) => result.probe)),
    knn: spreadOf(group.map(({ result }) => result.knn)),
    loss: average(group.map(({ result }) => result.loss)),
    uploadBytesPerRound: average(group.map(({ result }) => result.uploadBytes / result.rounds)),
  }));
}
