/** What passes between a sweep and its threads. Both ends are of one version. */
import type { SweepOptions } from './sweepSettings.ts';

/** Given to a thread when it starts. */
export interface SweepSetup {
  /** The data set, as the settings name it. */
  readonly data: string;
  /** Labelled pictures that scores are measured on, at most. */
  readonly evalSamples: number;
}

interface OnData {
  /** Where ingest has put the data set. */
  readonly dataDir: string;
}

export type SweepRequest =
  | (OnData & { readonly type: 'run'; readonly options: SweepOptions })
  | (OnData & { readonly type: 'untrained'; readonly options: SweepOptions })
  | (OnData & { readonly type: 'pixels' });

/** Shares of the test pictures that are classified correctly. */
export interface Shares {
  readonly knn: number;
  readonly probe: number;
}

export interface RunResult extends Shares {
  readonly samples: number;
  readonly rounds: number;
  /** Of the last round. */
  readonly loss: number;
  /** Sent by each volunteer in all. */
  readonly uploadBytes: number;
  /** Of training, without the scores. */
  readonly seconds: number;
}

export type SweepAnswer =
  | { readonly type: 'progress'; readonly samples: number }
  | { readonly type: 'ran'; readonly result: RunResult }
  | { readonly type: 'scored'; readonly score: Shares }
  | { readonly type: 'failed'; readonly sentence: string };
