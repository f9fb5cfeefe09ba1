import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/jsonProcess.ts';
import { schemataOf, type Mutant } from './schemata.ts';
import { equivalents, subjectNames, subjects, type SubjectName } from './subjects.ts';

export interface SubjectMutant extends Mutant {
  readonly subject: SubjectName;
}

export interface AllMutants {
  /** The text of each mutated file, by its path in the checkout. */
  readonly texts: ReadonlyMap<string, string>;
  readonly mutants: readonly SubjectMutant[];
}

/** Every file with its mutants; the same numbers in every process. */
export function allMutants(): AllMutants {
  const texts = new Map<string, string>();
  const mutants: SubjectMutant[] = [];
  for (const subject of subjectNames) {
    for (const { path: file, functions } of subjects[subject].files) {
      const source = readFileSync(join(ROOT, file), 'utf8');
      const made = schemataOf({ file, source, functions }, mutants.length);
      texts.set(file, made.text);
      mutants.push(...made.mutants.map((mutant) => ({ ...mutant, subject })));
    }
  }
  return { texts, mutants };
}

const isLike = (mutant: Mutant, { file, from, to }: (typeof equivalents)[number]): boolean =>
  mutant.file.endsWith(file) && mutant.from === from && mutant.to === to;

/** The mutants that a test can notice. Throws where an exclusion names none, since it is out of date then. */
export function noticeable(mutants: readonly SubjectMutant[]): SubjectMutant[] {
  const stale = equivalents.find((each) => !mutants.some((mutant) => isLike(mutant, each)));
  if (stale) throw new Error(`noticeable: no mutant of ${stale.file} turns ${stale.from} into ${stale.to}`);
  return mutants.filter((mutant) => !equivalents.some((each) => isLike(mutant, each)));
}
