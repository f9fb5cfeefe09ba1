/** What the command line asks of a measurement; left out: the measurement's own default. */
export interface BenchOptions {
  /** Alternated rounds, of which medians are taken. */
  readonly rounds?: number | undefined;
  /** Timed steps in a round, or in all. */
  readonly steps?: number | undefined;
  readonly batch?: number | undefined;
  /** Volunteers of an exchange. */
  readonly peers?: number | undefined;
  /** Without WebRTC: for as many volunteers as one process cannot open data channels for. */
  readonly memoryLinks: boolean;
  /** Parts to run, by name; all when left out. */
  readonly only?: readonly string[] | undefined;
  /** As short as it can be: to see that it runs, not to quote it. */
  readonly quick: boolean;
  /** WebGL and WebGPU too. */
  readonly gpu: boolean;
  log(line: string): void;
}
