import type { Interval } from '@murmur/core/evaluate/bootstrap';
import { evaluationSplit, type ByMeasure } from '@murmur/core/evaluate/score';
import type { MapLayouts } from '@murmur/core/protocol/map';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import type { WasmPath } from '@murmur/core/tensor/backend';
import type { EvaluationSet } from '../ingest/evaluationSet.ts';
import type { LabelledPictures, LearningRequest } from './learningMessages.ts';
import { createLearningThread, LearningError, type LearningThread } from './learningThread.ts';
import { rowsOfSet } from './rowsOfSet.ts';
import { mapPictures, type MapPictures } from './mapPictures.ts';

/** Shares of the test pictures that are classified correctly. */
export interface Score {
  readonly knn: number;
  readonly probe: number;
  readonly trainCount: number;
  readonly testCount: number;
  /** False where the probe stopped at its cap of iterations. */
  readonly probeConverged: boolean;
  readonly features: string;
  readonly intervals: ByMeasure<Interval>;
  /** Of work in the thread, encoding included. */
  readonly seconds: number;
}

export interface DrawnMap {
  readonly layouts: MapLayouts;
  readonly seconds: number;
}

export interface Baselines {
  readonly untrained: Score;
  readonly pixels: Score;
}

export interface Scorer {
  /** Measured once, whatever the later calls; again only after a failure. Rejects with LearningError. */
  baselines(untrainedParams: Float32Array): Promise<Baselines>;
  /** One waits at most: a newer call makes an older waiting one reject as superseded. Rejects with LearningError. */
  score(params: Float32Array): Promise<Score>;
  /** The pictures that are the points of every map. */
  readonly mapPictures: MapPictures;
  /** Where those lie for this encoder, begun from an earlier map. Rejects with LearningError. */
  map(params: Float32Array, previous: MapLayouts | undefined): Promise<DrawnMap>;
  close(): Promise<void>;
}

export type ScorerResult =
  | { readonly kind: 'scorer'; readonly scorer: Scorer }
  | { readonly kind: 'noLabels'; readonly sentence: string };

export interface ScorerOptions {
  readonly spec: ModelSpec;
  readonly evaluation: EvaluationSet;
  readonly wasmPath?: WasmPath;
  /** Of the choice of pictures; the same for every version of a run. */
  readonly seed?: number;
  /** Pictures used at most: a quarter is tested, the rest is the labelled bank. */
  readonly evalSamples?: number;
}

const FEWEST_PICTURES = 8;
const ENCODER_FEATURES = 'mean of patch tokens';

/** A scorer over a thread of its own, or why there can be no scores. */
export function createScorer(options: ScorerOptions, start = createLearningThread): ScorerResult {
  const { spec, evaluation, wasmPath, seed = 0, evalSamples = 4000 } = options;
  const { labels } = evaluation;
  if (labels === undefined || evaluation.classes.length < 2) {
    return noLabels('the data set has no labels of two or more classes: kNN and probe cannot be measured');
  }
  if (evaluation.count < FEWEST_PICTURES) {
    return noLabels(
      `only ${evaluation.count} labelled pictures are held out, expected at least ${FEWEST_PICTURES}`,
    );
  }
  const labelled = chooseLabelled({ ...evaluation, labels }, seed, evalSamples);
  const thread = start({ spec, wasmPath, labelled });
  return { kind: 'scorer', scorer: scorerOver(thread, mapPictures(labelled, evaluation)) };
}

const noLabels = (why: string): ScorerResult => ({
  kind: 'noLabels',
  sentence: `There are no scores: ${why}.`,
});

/** A seeded choice of pictures, those of the test first. */
export function chooseLabelled(
  set: EvaluationSet & { readonly labels: Uint16Array },
  seed: number,
  cap: number,
): LabelledPictures {
  return rowsOfSet(set, evaluationSplit(seed, set.count, cap));
}

interface Waiting {
  readonly params: Float32Array;
  readonly resolve: (score: Score) => void;
  readonly reject: (error: unknown) => void;
}

function scorerOver(thread: LearningThread, pictures: MapPictures): Scorer {
  let baselines: Promise<Baselines> | undefined;
  let busy = false;
  let waiting: Waiting | undefined;

  async function work(): Promise<void> {
    busy = true;
    for (let next = waiting; next !== undefined; next = waiting) {
      waiting = undefined;
      const request = { type: 'scoreEncoder', params: next.params } as const;
      await scored(thread, request, ENCODER_FEATURES).then(next.resolve, next.reject);
    }
    busy = false;
  }

  return {
    baselines(untrainedParams) {
      baselines ??= measureBaselines(thread, untrainedParams).catch((error: unknown) => {
        baselines = undefined;
        throw error;
      });
      return baselines;
    },
    score: (params) =>
      new Promise((resolve, reject) => {
        waiting?.reject(new LearningError('superseded', 'A newer version is to be scored instead.'));
        waiting = { params, resolve, reject };
        if (!busy) void work();
      }),
    mapPictures: pictures,
    async map(params, previous) {
      const value = await thread.call({ type: 'map', params, previous });
      if (value.type !== 'mapped') throw new Error(`scorer: expected a map, received ${value.type}`);
      return { layouts: value.layouts, seconds: value.seconds };
    },
    async close() {
      waiting?.reject(
        new LearningError('closed', 'The evaluation ended because the coordinator is stopping.'),
      );
      waiting = undefined;
      await thread.close();
    },
  };
}

async function measureBaselines(thread: LearningThread, params: Float32Array): Promise<Baselines> {
  const untrained = await scored(thread, { type: 'scoreEncoder', params }, ENCODER_FEATURES);
  return { untrained, pixels: await scored(thread, { type: 'scorePixels' }, 'raw pixels') };
}

async function scored(thread: LearningThread, request: LearningRequest, features: string): Promise<Score> {
  const value = await thread.call(request);
  if (value.type !== 'scored') throw new Error(`scorer: expected a score, received ${value.type}`);
  return { ...value.score, features, seconds: value.seconds };
}
