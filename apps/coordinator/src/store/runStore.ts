import type { Ban, ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunPhase } from '@murmur/core/protocol/run';

/** Where a run stands: everything that the next round starts from, except the bytes of the version. */
export interface RunHead {
  readonly run: string;
  /** Last round that ended, committed or abandoned; 0 before the first. */
  readonly round: number;
  readonly version: string;
  readonly samplesDone: number;
  readonly trainedMs: number;
  readonly phase: RunPhase;
}

export interface StoredRun {
  /** The JSON that the run was created with. */
  readonly config: unknown;
  readonly head: RunHead;
  readonly leases: unknown;
  /** By round, ascending. */
  readonly records: RoundRecord[];
  /** By round, ascending. */
  readonly scores: ScoreRecord[];
  readonly bans: Ban[];
}

/**
 * The durable state of one run. Every write is a transaction: after a crash the store holds either all of it or
 * nothing. `create` on a store that has a run, writes on one that has none, and a round committed twice, reject.
 */
export interface RunStore {
  load(): Promise<StoredRun | undefined>;
  create(config: unknown, head: RunHead, leases: unknown): Promise<void>;
  /** Ends a round; an abandoned one too, whose head keeps its version. */
  commit(head: RunHead, record: RoundRecord, leases: unknown): Promise<void>;
  /** The final figures of a committed round, known once its version has spread: replaces its record. */
  amend(head: RunHead, record: RoundRecord): Promise<void>;
  setPhase(phase: RunPhase): Promise<void>;
  /** A second score of the same round replaces the first. */
  addScore(score: ScoreRecord): Promise<void>;
  /** A second ban of the same volunteer replaces the first. */
  addBan(ban: Ban): Promise<void>;
  liftBan(peer: string): Promise<void>;
  close(): Promise<void>;
}

export const NO_RUN = 'This store holds no run: create one before writing to it.';
export const HAS_RUN = 'This store holds a run already: open another folder for a new one.';
export const repeatedRound = (round: number): string =>
  `Round ${round} is in the store already: a round ends once.`;
