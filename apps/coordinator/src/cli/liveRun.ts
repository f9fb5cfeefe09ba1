import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';
import type { Dataset } from '../ingest/dataset.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import type { DoneFacts } from '../observe/announcer.ts';
import type { Alert } from '../observe/alerts.ts';
import type { CoordinatorPort } from '../run/ports.ts';
import type { BlobStore } from '../store/blobStore.ts';
import type { RunStore } from '../store/runStore.ts';
import type { ServeOptions } from './resolveOptions.ts';
import type { FixedSettings } from './runDir.ts';

export interface ServeClock {
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Milliseconds, never going back. */
  now(): number;
  after(ms: number, call: () => void): () => void;
}

/** Everything that a run needs to begin, or to go on. */
export interface RunRequest {
  readonly options: ServeOptions;
  readonly settings: FixedSettings;
  readonly dir: string;
  readonly dataset: Dataset;
  readonly report: IngestReport;
  readonly store: RunStore;
  readonly versions: BlobStore;
  readonly maps: BlobStore;
  /** Known once the server listens. */
  readonly joinUrls: () => readonly string[];
  /** For a volunteer that reached this machine by `host`. */
  readonly stunUrls: (host: string) => string[];
  readonly onRound: (record: RoundRecord) => void;
  readonly onScore: (score: ScoreRecord) => void;
  readonly onNoScores: (round: number, note: string) => void;
  readonly onAlert: (level: Alert['level'], sentence: string) => void;
  readonly clock: ServeClock;
}

export interface LiveRun {
  readonly port: CoordinatorPort;
  /** The last round of an earlier life; 0 for a new run. */
  readonly resumedAt: number;
  /** False when it waits for the operator. */
  readonly started: boolean;
  /** Resolves when the target is met, scored and exported; rejects with a sentence when that failed. */
  readonly done: Promise<DoneFacts>;
  /** Tells the operator's page and whoever started the command. */
  alert(level: Alert['level'], sentence: string): void;
  /** Ends after a commit in flight; the store then holds the whole state. */
  stop(): Promise<void>;
}

export type OpenRun = (request: RunRequest) => Promise<LiveRun>;
