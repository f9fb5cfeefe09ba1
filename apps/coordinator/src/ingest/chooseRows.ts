import { fold, key, permutation } from '@murmur/core/random/key';
import { InputError, counted } from './inputError.ts';
import type { Source, Split } from './source.ts';

export interface ChooseRequest {
  readonly source: string;
  readonly labels: number;
  readonly tests: number;
  readonly seed: number;
}

export interface ChosenRows {
  /** What each picture of the source is for, in its order: the labelled bank (train), to be asked about (test), or nothing. */
  readonly part: readonly (Split | undefined)[];
  readonly notes: readonly string[];
}

const FEWEST = 4;

/** Chooses by labels and splits alone; decodes nothing. Throws InputError where too few have labels. */
export async function chooseRows(source: Source, request: ChooseRequest): Promise<ChosenRows> {
  const { train, test } = await labelledRows(source);
  const { bank, asked, held } = splitRows(train, test, request);
  const part: (Split | undefined)[] = [];
  for (const row of take(bank, request.labels, fold(key(request.seed), 'bank'))) part[row] = 'train';
  for (const row of take(asked, request.tests, fold(key(request.seed), 'tests'))) part[row] = 'test';
  return { part, notes: notesOn({ bank: bank.length, asked: asked.length, held }, request) };
}

type Rows = readonly number[];

async function labelledRows(source: Source): Promise<Record<Split, number[]>> {
  const rows: Record<Split, number[]> = { train: [], test: [] };
  let row = 0;
  for await (const { label, split } of source.pictures()) {
    if (label !== undefined) rows[split].push(row);
    row++;
  }
  return rows;
}

/** By the source's own splits; where it has one only, a quarter of it, by the seed, is asked about. */
function splitRows(
  train: Rows,
  test: Rows,
  request: ChooseRequest,
): { bank: Rows; asked: Rows; held: boolean } {
  const all = [...train, ...test];
  const held = train.length === 0 || test.length === 0;
  const order = held ? take(all, all.length, fold(key(request.seed), 'split')) : [];
  const quarter = Math.floor(all.length / 4);
  const [bank, asked] = held ? [order.slice(quarter), order.slice(0, quarter)] : [train, test];
  if (bank.length >= FEWEST && asked.length >= FEWEST) return { bank, asked, held };
  throw new InputError(
    `${request.source} has too few labelled pictures: ${bank.length} to learn from and ${asked.length} to ask about, ` +
      `and at least ${FEWEST} of each are needed.`,
  );
}

/** At most `count` of `rows`, the same for the same key. */
const take = (rows: Rows, count: number, from: readonly [number, number]): Rows =>
  Array.from(permutation(from, rows.length).subarray(0, count), (i) => rows[i] as number);

function notesOn(
  { bank, asked, held }: { bank: number; asked: number; held: boolean },
  { source, labels, tests }: ChooseRequest,
): string[] {
  const short = (what: string, wanted: number, there: number) =>
    there < wanted ? [`Of ${wanted} ${what} pictures asked for, ${source} has ${there}.`] : [];
  const mayHaveTrained = 'may also have been trained on, without their labels';
  return [
    ...short('labelled', labels, bank),
    ...short('test', tests, asked),
    held
      ? `${source} has no separate test split: ${counted(Math.min(asked, tests), 'picture')} of it are asked about. All of its pictures ${mayHaveTrained}.`
      : `The labelled pictures are of the training split of ${source} and ${mayHaveTrained}; the test pictures are of its test split.`,
  ];
}
