/** A mutant may run this many times as long as what it mutates, and a little: some of them never end. */
const PATIENCE = 20;
const LEAST_PATIENCE = 200_000;

/** Says to the mutated code which mutant is on, and notes which mutants are reached. */
export class SiteSwitch {
  private active: number | undefined;
  private reached = new Set<number>();
  private asked = 0;
  private limit = Infinity;

  constructor(private readonly atLoad: number | undefined) {
    this.active = atLoad;
  }

  /** Asked by each changed expression. */
  readonly isOn = (ordinal: number): boolean => {
    if (this.active === undefined) this.reached.add(ordinal);
    if (++this.asked > this.limit) throw new Error(`mutant ${this.active} does not end`);
    return ordinal === this.active;
  };

  /** What `work` reaches while no mutant is on but the one of the start. */
  async unchanged(work: () => unknown): Promise<ReadonlySet<number>> {
    this.reached = new Set();
    this.asked = 0;
    this.limit = Infinity;
    this.active = this.atLoad;
    await work();
    return this.reached;
  }

  /** Whether `work` throws with the mutant on; after `unchanged` of the same work, which says how long it may take. */
  async isNoticed(ordinal: number, patience: number, work: () => unknown): Promise<boolean> {
    this.active = ordinal;
    this.limit = patience;
    this.asked = 0;
    try {
      await work();
      return false;
    } catch {
      return true; // that is what the test is for
    } finally {
      this.active = this.atLoad;
      this.limit = Infinity;
    }
  }

  /** How often the work that has just run unchanged may ask when it is mutated. */
  get patience(): number {
    return PATIENCE * this.asked + LEAST_PATIENCE;
  }
}
