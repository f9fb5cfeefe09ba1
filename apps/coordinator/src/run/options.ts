import type { OuterOptions } from '@murmur/core/aggregate/outerStep';
import type { MapLayouts } from '@murmur/core/protocol/map';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { Stint } from '@murmur/core/engine/recompute';
import type { RoundRecord, RunInfo } from '@murmur/core/protocol/run';
import type { Part } from '@murmur/core/protocol/round';
import type { RoundRules } from '@murmur/core/round/state';
import type { ParamSchema } from '@murmur/core/tensor/params';
import type { IceServer } from '@murmur/core/volunteer/ports';
import type { MapPictures } from '../evaluate/mapPictures.ts';
import type { DrawnMap } from '../evaluate/scorer.ts';
import type { BlobStore } from '../store/blobStore.ts';
import type { RunStore } from '../store/runStore.ts';

/** Scores a version; undefined when there is nothing to measure with. */
export interface ScoringPort {
  baselines(untrained: Float32Array): Promise<ScoreRecord['baselines']>;
  score(params: Float32Array): Promise<Omit<ScoreRecord, 'round' | 'version' | 'baselines'>>;
}

/** Draws the embedding map of a version. */
export interface MapDrawing {
  readonly pictures: MapPictures;
  draw(params: Float32Array, previous: MapLayouts | undefined): Promise<DrawnMap>;
}

/** Trains again what a volunteer did, the last round last; resolves to its pseudo-gradient of this part. Rejects with a sentence. */
export type RecomputePort = (stints: readonly Stint[], part: Part) => Promise<Float32Array>;

/** Everything a run needs; the composition root makes it. */
export interface RunOptions {
  readonly info: RunInfo;
  readonly rules: RoundRules;
  readonly schema: ParamSchema;
  readonly outer: OuterOptions;
  readonly initialParams: () => Float32Array;
  readonly shards: readonly { readonly hash: string; readonly count: number }[];
  /** What the run was created with; a later start compares. */
  readonly config: unknown;
  readonly store: RunStore;
  readonly blobs: BlobStore;
  readonly startPaused: boolean;
  readonly maxVolunteers: number;
  readonly iceServersFor: (host: string) => IceServer[];
  /** Known once the server listens. */
  readonly joinUrls: () => readonly string[];
  /** Undefined where nothing is checked that way. */
  readonly recompute: RecomputePort | undefined;
  readonly scoring: ScoringPort | undefined;
  readonly noScores: string | null;
  /** Undefined where nothing is scored. */
  readonly mapDrawing: MapDrawing | undefined;
  readonly mapBlobs: BlobStore;
  /** Score every so many rounds; 0: only first and last. */
  readonly scoreEvery: number;
  /** Writes the encoder's folders and resolves to where they are. */
  readonly exportModel: (facts: ExportFacts) => Promise<string>;
  readonly clock: RunClock;
  readonly newName: (length: number) => string;
  readonly observer: RunObserver;
}

export interface ExportFacts {
  readonly params: Float32Array;
  readonly version: string;
  readonly round: number;
  readonly samplesDone: number;
  readonly score: ScoreRecord | undefined;
}

export interface RunClock {
  /** Milliseconds since 1970. */
  now(): number;
  after(ms: number, call: () => void): () => void;
}

export interface RunObserver {
  round(record: RoundRecord): void;
  score(score: ScoreRecord): void;
  noScores(round: number, note: string): void;
  alert(level: 'info' | 'warning' | 'error', sentence: string): void;
  /** The target is met, the last version scored and exported. */
  done(facts: {
    readonly rounds: number;
    readonly version: string;
    readonly export: string;
    /** Of that version; none where nothing can be scored. */
    readonly score?: ScoreRecord;
  }): void;
  /** The end could not be reached: the run stands, the sentence says what to do. */
  failed(sentence: string): void;
}
