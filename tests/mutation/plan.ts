import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Mutants and the test files that are to notice them, by their paths in the checkout. */
export interface Trial {
  readonly ordinals: readonly number[];
  readonly tests: readonly string[];
}

/** What one run of vitest is to try; handed over in a folder, since vitest starts the process that needs it. */
export interface Plan {
  /** Mutants to switch on one after the other in each test that reaches them. */
  readonly trials: readonly Trial[];
  /** The mutant that is on from the start, before any module is loaded. */
  readonly atLoad?: number;
  /** Base64 of the kernels with their mutants, where those are tried. */
  readonly kernels?: string;
}

/** The variable that names the folder. */
export const PLAN_FOLDER = 'MURMUR_MUTATION_PLAN';

const planFile = (folder: string): string => join(folder, 'plan.json');
const killedFile = (folder: string): string => join(folder, 'killed');

export const writePlan = (folder: string, plan: Plan): void =>
  writeFileSync(planFile(folder), JSON.stringify(plan));

export const readPlan = (folder: string): Plan => JSON.parse(readFileSync(planFile(folder), 'utf8')) as Plan;

/** Notes that a test noticed a mutant. */
export const noteKilled = (folder: string, ordinal: number, test: string): void =>
  appendFileSync(killedFile(folder), `${ordinal} ${test}\n`);

/** The test that noticed each mutant first. */
export function readKilled(folder: string): Map<number, string> {
  const lines = existsSync(killedFile(folder)) ? readFileSync(killedFile(folder), 'utf8').split('\n') : [];
  const pairs = lines.map((line) => /^(\d+) (.*)$/.exec(line));
  return new Map(pairs.flatMap((match) => (match ? [[Number(match[1]), match[2] ?? '']] : [])));
}
