/** Runs each test as it is, and then once more for every mutant that it reached and no test has noticed yet. */
import { TestRunner, type RunnerTestCase, type TestRunnerConfig } from 'vitest';
import { noteKilled, PLAN_FOLDER, readKilled, readPlan } from './plan.ts';
import { SiteSwitch } from './siteSwitch.ts';

type Instantiate = (source: BufferSource, imports: WebAssembly.Imports) => Promise<unknown>;

/** The kernels ask through an import, which whoever loads them knows nothing of. */
function giveToKernels(murmurSite: (ordinal: number) => boolean): void {
  const instantiate = WebAssembly.instantiate.bind(WebAssembly) as Instantiate;
  const withSite: Instantiate = (source, imports) =>
    instantiate(source, { ...imports, env: { ...imports['env'], murmurSite } });
  Object.assign(WebAssembly, { instantiate: withSite });
}

/** One switch for all test files, which share modules and kernels. */
function sharedSwitch(atLoad: number | undefined): SiteSwitch {
  const kept: SiteSwitch | undefined = Reflect.get(globalThis, 'murmurSwitch');
  if (kept !== undefined) return kept;
  const made = new SiteSwitch(atLoad);
  Object.assign(globalThis, { murmurSwitch: made, murmurSite: made.isOn });
  giveToKernels(made.isOn);
  return made;
}

export default class MutationRunner extends TestRunner {
  private readonly folder = process.env[PLAN_FOLDER] ?? '';
  private readonly plan = readPlan(this.folder);
  private readonly sites = sharedSwitch(this.plan.atLoad);
  private readonly killed = new Set(readKilled(this.folder).keys());

  constructor(config: TestRunnerConfig) {
    super(config as ConstructorParameters<typeof TestRunner>[0]);
  }

  private left({ file }: RunnerTestCase): number[] {
    const trials = this.plan.trials.filter(({ tests }) => tests.some((path) => file.filepath.endsWith(path)));
    return trials.flatMap(({ ordinals }) => ordinals.filter((ordinal) => !this.killed.has(ordinal)));
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const run = () => TestRunner.getTestFn(test)();
    const left = this.left(test);
    if (this.plan.atLoad === undefined && left.length === 0) return;
    const reached = await this.sites.unchanged(run);
    const { patience } = this.sites;
    const tried = left.filter((ordinal) => reached.has(ordinal));
    for (const ordinal of tried) {
      if (await this.sites.isNoticed(ordinal, patience, run)) this.noteKilled(ordinal, test);
    }
    // A mutant that spoilt something for good would seem to kill all that come after it.
    if (tried.length > 0) await this.sites.unchanged(run);
  }

  private noteKilled(ordinal: number, test: RunnerTestCase): void {
    this.killed.add(ordinal);
    noteKilled(this.folder, ordinal, test.name);
  }
}
