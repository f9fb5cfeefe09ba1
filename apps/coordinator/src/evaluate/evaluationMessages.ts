/** What passes between `murmur evaluate` and its thread with a tensor library. Both ends are of one version. */
import type { Estimate } from '@murmur/core/evaluate/bootstrap';
import type { FewLabelScore } from '@murmur/core/evaluate/fewLabels';
import type { FineTuneScope } from '@murmur/core/evaluate/fineTune';
import type { ByMeasure, RepresentationScore } from '@murmur/core/evaluate/score';
import type { EncoderSpec } from '@murmur/core/models/modelSpec';
import type { TokenName } from '@murmur/core/objectives/encodePictures';
import type { LabelledPictures } from '../ingest/labelledPictures.ts';

/** Given to the thread when it starts. */
export interface EvaluationJob {
  readonly spec: EncoderSpec;
  /** Of the encoder, in the order of its schema. */
  readonly params: Float32Array;
  readonly untrained: Float32Array;
  readonly labelled: LabelledPictures;
  readonly token: TokenName;
  readonly seed: number;
  readonly fewLabel: boolean;
  readonly fineTune: boolean;
}

export interface Baselines<T> {
  readonly untrained: T;
  readonly pixels: T;
}

/** What was measured of some features. */
export interface Measured {
  readonly score: RepresentationScore;
  readonly fewLabels: readonly FewLabelScore[];
}

/** What came of supervised training, by how much was trained. */
export type FineTuned = Readonly<Record<FineTuneScope, Estimate>>;

/** Everything that was measured, the baselines in the same way. */
export interface EvaluationReport {
  readonly encoder: Measured;
  readonly baselines: Baselines<Measured>;
  /** How much more of the same test pictures the encoder gets right than each baseline. */
  readonly gains: Baselines<ByMeasure<Estimate>>;
  /** The untrained encoder by the same procedure, and how much more is right without starting from it. */
  readonly fineTuned?: {
    readonly encoder: FineTuned;
    readonly untrained: FineTuned;
    readonly gain: FineTuned;
  };
  readonly seconds: number;
}

export type EvaluationMessage =
  | { readonly type: 'progress'; readonly sentence: string }
  | { readonly type: 'report'; readonly report: EvaluationReport }
  | { readonly type: 'failed'; readonly sentence: string };
