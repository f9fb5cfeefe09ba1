/**
 * npm run bench -- spot: how much what honest volunteers send is like what training it again gives (AG6), on other backends than
 * theirs, and how much what attackers send is. From these figures come the bounds of `core/round/verdict.ts`.
 */
import { alike } from './alike.ts';
import { playRun, VOLUNTEERS, type Played } from './playRun.ts';
import { objectiveNames, type ObjectiveName } from '@murmur/core/models/recipes';
import type { BenchOptions } from '../options.ts';

interface Case {
  readonly objective: ObjectiveName;
  /** Of each round. */
  readonly steps: number;
}

const CASES: readonly Case[] = [
  ...objectiveNames.map((objective): Case => ({ objective, steps: 2 })),
  { objective: 'mae', steps: 1 },
  { objective: 'mae', steps: 10 },
];
/** Of each case, counted from its last one back. */
const CHECKED_EVERY = 10;
const ROUNDS = 40;

/** Least and greatest over parts, volunteers and rounds. */
export interface SpotRow extends Case {
  readonly what: string;
  readonly backend: string;
  readonly cosine: readonly [number, number];
  readonly length: readonly [number, number];
}

export async function spot({ quick, rounds = quick ? 3 : ROUNDS, only, log }: BenchOptions): Promise<object> {
  const cases = CASES.filter(({ objective }) => !only || only.includes(objective)).slice(
    0,
    quick ? 1 : undefined,
  );
  const rows: SpotRow[] = [];
  for (const one of cases) {
    log(`${one.objective}, ${one.steps} steps a round`);
    const played: Played = await playRun({ ...one, rounds });
    for (let round = rounds; round > 1; round -= CHECKED_EVERY) {
      const found = (await alike(played, round)).map((row) => ({ ...one, ...row }));
      rows.push(...found);
      for (const { what, backend, cosine, length } of found)
        log(`round ${round} ${what}, ${backend}: cosine ${rangeWords(cosine)}, length ${rangeWords(length)}`);
    }
  }
  return { bench: 'spot', rounds, volunteers: VOLUNTEERS, rows: spreads(rows) };
}

const rangeWords = ([least, most]: readonly [number, number]): string =>
  `${least.toFixed(3)} to ${most.toFixed(3)}`;

/** One row for what is alike but for the round. */
function spreads(rows: readonly SpotRow[]): SpotRow[] {
  const groups = new Map<string, SpotRow[]>();
  for (const row of rows) {
    const name = [row.objective, row.steps, row.what, row.backend].join(' ');
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const range = (all: readonly (readonly [number, number])[]): [number, number] => [
    Math.min(...all.map(([least]) => least)),
    Math.max(...all.map(([, most]) => most)),
  ];
  return [...groups.values()].map((group) => ({
    ...(group[0] as SpotRow),
    cosine: range(group.map((row) => row.cosine)),
    length: range(group.map((row) => row.length)),
  }));
}
