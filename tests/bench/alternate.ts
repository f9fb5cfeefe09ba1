import { median, rounded } from './median.ts';

/** Somebody who is measured: what one visit gives is a rate or a time. */
export interface Contender<Name extends string> {
  readonly name: Name;
  visit(): Promise<number>;
}

/** What all visits gave; `null` stands for a contender that is not on this machine. */
export interface Visits<Name extends string> {
  readonly all: ReadonlyMap<Name, readonly number[]>;
  /** The median over the rounds, to three digits. */
  middle(name: Name): number | null;
  /** The median over the rounds of one contender's figure divided by another's of the same round, to three digits. */
  ratio(name: Name, to: Name): number | null;
}

function visitsOf<Name extends string>(all: ReadonlyMap<Name, readonly number[]>): Visits<Name> {
  const valueOf = (values: readonly number[] | undefined): number | null =>
    values === undefined || values.length === 0 ? null : rounded(median(values));
  return {
    all,
    middle: (name) => valueOf(all.get(name)),
    ratio(name, to) {
      const [own, other] = [all.get(name), all.get(to)];
      if (own === undefined || other === undefined) return null;
      return valueOf(own.map((value, i) => value / (other[i] ?? NaN)));
    },
  };
}

/** Visits everybody once, which is not counted: what needs to start or be compiled is then. Who fails is left out, aloud. */
export async function warmedUp<Name extends string>(
  contenders: readonly Contender<Name>[],
  log: (line: string) => void,
): Promise<Contender<Name>[]> {
  const working: Contender<Name>[] = [];
  for (const contender of contenders) {
    try {
      await contender.visit();
      working.push(contender);
    } catch (error) {
      log(`bench: ${contender.name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return working;
}

/** Visits the contenders in turns, round by round, so that a busy machine is busy for all of them. */
export async function alternate<Name extends string>(
  contenders: readonly Contender<Name>[],
  rounds: number,
  log: (name: Name, value: number, round: number) => void,
): Promise<Visits<Name>> {
  const all = new Map<Name, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const { name, visit } of contenders) {
      const value = await visit();
      all.get(name)?.push(value);
      log(name, value, round);
    }
  }
  return visitsOf(all);
}
