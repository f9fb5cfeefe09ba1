import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT } from '../support/jsonProcess.ts';
import { isKernel, mutatedKernels } from './kernels.ts';
import { allMutants, type SubjectMutant } from './mutants.ts';
import { PLAN_FOLDER, readKilled, writePlan, type Plan } from './plan.ts';
import { undoing, withScratch } from './scratch.ts';
import { subjects, type SubjectName } from './subjects.ts';

export interface Verdict {
  readonly mutant: SubjectMutant;
  /** The test that noticed; undefined where none did. */
  readonly killedBy: string | undefined;
}

interface TestRun {
  /** The first test that noticed each mutant. */
  readonly killed: ReadonlyMap<number, string>;
  readonly passed: boolean;
  /** The end of what vitest printed. */
  readonly printed: string;
}

const VITEST = join(ROOT, 'node_modules/vitest/vitest.mjs');
const CONFIG = join(ROOT, 'tests/mutation/vitest.config.ts');

/** This may run inside a vitest, whose variables mean that one. */
const outerEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));

/** Runs test files with a plan. */
const runTests = (plan: Plan, tests: readonly string[]): Promise<TestRun> =>
  withScratch(async (folder) => {
    writePlan(folder, plan);
    const child = spawn(process.execPath, [VITEST, 'run', '--config', CONFIG, '--bail', '1', ...tests], {
      cwd: ROOT,
      env: { ...outerEnvironment(), [PLAN_FOLDER]: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (printed = `${printed}${chunk.toString()}`.slice(-4_000)));
    const ended = undoing(
      () => child.kill(),
      () => once(child, 'close'),
    );
    const [status] = (await ended) as [number | null];
    return { killed: readKilled(folder), passed: status === 0, printed };
  });

/** Tries all that are decided at each call in one run. */
async function tryTogether(mutants: readonly SubjectMutant[]): Promise<Verdict[]> {
  if (mutants.length === 0) return [];
  const trials = subjectsOf(mutants).map((subject) => ({
    ordinals: mutants.filter((each) => each.subject === subject).map(({ ordinal }) => ordinal),
    tests: subjects[subject].tests,
  }));
  const withKernels = mutants.some(({ file }) => isKernel(file));
  const kernels = withKernels ? { kernels: await mutatedKernels(allMutants().texts) } : {};
  const tests = new Set(trials.flatMap((trial) => trial.tests));
  const { killed, passed, printed } = await runTests({ trials, ...kernels }, [...tests]);
  if (!passed) throw new Error(`the tests fail without any mutant, or after one:\n${printed}`);
  return mutants.map((mutant) => ({ mutant, killedBy: killed.get(mutant.ordinal) }));
}

/** One that is decided when its module is loaded has a run of its own, of one test file after the other. */
async function tryAlone(mutant: SubjectMutant): Promise<Verdict> {
  for (const test of subjects[mutant.subject].tests) {
    const { passed, printed } = await runTests({ trials: [], atLoad: mutant.ordinal }, [test]);
    const name = /FAIL\s.*> (.*)/.exec(printed)?.[1] ?? 'a module that does not load';
    if (!passed) return { mutant, killedBy: name };
  }
  return { mutant, killedBy: undefined };
}

const subjectsOf = (mutants: readonly SubjectMutant[]): SubjectName[] => [
  ...new Set(mutants.map(({ subject }) => subject)),
];

/** Tries each mutant on the tests of its subject. */
export async function tryMutants(mutants: readonly SubjectMutant[]): Promise<Verdict[]> {
  const verdicts = await tryTogether(mutants.filter(({ atLoad }) => !atLoad));
  for (const mutant of mutants.filter(({ atLoad }) => atLoad)) verdicts.push(await tryAlone(mutant));
  return verdicts;
}
