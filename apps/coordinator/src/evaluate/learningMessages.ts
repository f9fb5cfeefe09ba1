/** What passes between the coordinator and its one thread with a tensor library. Both ends are of one version. */
import type { DatasetManifest } from '@murmur/core/data/manifest';
import type { Stint } from '@murmur/core/engine/recompute';
import type { Part } from '@murmur/core/protocol/round';
import type { Parity } from '@murmur/core/export/parity';
import type { RepresentationScore } from '@murmur/core/evaluate/score';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import type { MapLayouts } from '@murmur/core/protocol/map';
import type { WasmPath } from '@murmur/core/tensor/backend';
import type { LabelledPictures } from '../ingest/labelledPictures.ts';

export type { LabelledPictures };

/** Given to the thread when it starts. */
export interface LearningSetup {
  readonly spec: ModelSpec;
  readonly wasmPath: WasmPath | undefined;
  readonly labelled: LabelledPictures | undefined;
}

export type LearningRequest =
  | { readonly type: 'scoreEncoder'; readonly params: Float32Array }
  | { readonly type: 'scorePixels' }
  /** Where the first test pictures lie, begun from where they lay before. */
  | { readonly type: 'map'; readonly params: Float32Array; readonly previous: MapLayouts | undefined }
  /** What a volunteer's last round gives, trained again after those before it, of one part. */
  | {
      readonly type: 'recompute';
      readonly stints: readonly Stint[];
      readonly part: Pick<Part, 'start' | 'end'>;
      readonly dataset: DatasetManifest;
      /** Where the shards of its leases lie, by name. */
      readonly files: Readonly<Record<string, string>>;
      /** Milliseconds for all of it; longer is given up. */
      readonly deadlineMs: number;
    }
  | {
      readonly type: 'parity';
      readonly params: Float32Array;
      readonly pictures: Uint8Array;
      readonly seed: number;
    };

export type LearningValue =
  | { readonly type: 'scored'; readonly score: RepresentationScore; readonly seconds: number }
  | { readonly type: 'mapped'; readonly layouts: MapLayouts; readonly seconds: number }
  | { readonly type: 'parity'; readonly parity: Parity }
  | { readonly type: 'recomputed'; readonly gradient: Float32Array };

export type LearningAnswer = LearningValue | { readonly type: 'failed'; readonly sentence: string };
