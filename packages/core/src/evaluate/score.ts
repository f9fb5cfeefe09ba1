/** How good a representation is: kNN and a linear probe on labelled rows, measured the same way for every one. */
import { fold, key, permutation, type Key } from '../random/key.ts';
import { bootstrapMean, type Interval } from './bootstrap.ts';
import { knn } from './knn.ts';
import { predictLinear, trainLinearProbe } from './linearProbe.ts';
import { pickRows, type Matrix, type RowMultiplier } from './rowProducts.ts';
import { fitStandardiser, standardise } from './standardise.ts';

/** Rows of an evaluation set: a labelled bank, and the test rows that are asked about. Disjoint. */
export interface EvaluationSplit {
  readonly train: Uint32Array;
  readonly test: Uint32Array;
}

export interface LabelledFeatures {
  /** `[M, D]` */
  readonly features: Matrix;
  /** `[M]` */
  readonly labels: Uint16Array;
  readonly classes: number;
}

export interface ScoreOptions {
  readonly split: EvaluationSplit;
  readonly k?: number;
  readonly l2?: number;
  /** Of the resampling behind the intervals. */
  readonly seed?: number;
  readonly multiplier?: RowMultiplier;
}

/** One of each way of measuring. */
export interface ByMeasure<T> {
  readonly knn: T;
  readonly probe: T;
}

/** Shares of the test rows that are classified correctly. */
export interface RepresentationScore extends ByMeasure<number> {
  /** 95 %, by resampling the test rows. */
  readonly intervals: ByMeasure<Interval>;
  /** `[testCount]`, 1 where the test row is classified correctly: two classifiers are compared row by row. */
  readonly hits: ByMeasure<Uint8Array>;
  readonly trainCount: number;
  readonly testCount: number;
  /** False where the probe ran out of iterations: its figure is then a lower bound of sorts. */
  readonly probeConverged: boolean;
}

/** Of so many labelled pictures, those that are asked about. */
export const testCount = (used: number): number => Math.floor(used / 4);

/** The same split for the same seed and counts: at most `cap` of `count` rows, a quarter of them for the test. */
export function evaluationSplit(seed: number, count: number, cap: number): EvaluationSplit {
  const used = permutation(fold(key(seed), 'evaluation split'), count).subarray(0, Math.min(count, cap));
  const tests = testCount(used.length);
  return { train: used.slice(tests), test: used.slice(0, tests) };
}

/**
 * Weighted kNN on the features as they are; a probe on features standardised by the training rows.
 * Throws when either side of the split is empty.
 */
export function scoreRepresentation(set: LabelledFeatures, options: ScoreOptions): RepresentationScore {
  const { split, k = 10, l2 = 1e-3 } = options;
  if (split.train.length === 0 || split.test.length === 0) {
    throw new Error(
      `scoreRepresentation: expected rows on both sides of the split, received ${split.train.length} and ` +
        `${split.test.length}: an evaluation set needs at least 4 labelled pictures`,
    );
  }
  const { classes } = set;
  const [train, test] = [pickRows(set.features, split.train), pickRows(set.features, split.test)];
  const [trainLabels, testLabels] = [pickLabels(set.labels, split.train), pickLabels(set.labels, split.test)];
  const { predicted } = knn(train, trainLabels, test, { classes, k, multiplier: options.multiplier });
  const scaler = fitStandardiser(train);
  const probe = trainLinearProbe(standardise(train, scaler), trainLabels, { classes, l2 });
  const hits = {
    knn: hitsOf(predicted, testLabels),
    probe: hitsOf(predictLinear(probe, standardise(test, scaler)), testLabels),
  };
  return {
    ...scoreOf(hits, fold(key(options.seed ?? 0), 'bootstrap')),
    trainCount: split.train.length,
    testCount: split.test.length,
    probeConverged: probe.converged,
  };
}

function scoreOf(
  hits: ByMeasure<Uint8Array>,
  from: Key,
): Pick<RepresentationScore, 'knn' | 'probe' | 'intervals' | 'hits'> {
  const nearest = bootstrapMean(fold(from, 'knn'), hits.knn);
  const linear = bootstrapMean(fold(from, 'probe'), hits.probe);
  const intervalOf = ({ low, high }: Interval): Interval => ({ low, high });
  return {
    knn: nearest.value,
    probe: linear.value,
    intervals: { knn: intervalOf(nearest), probe: intervalOf(linear) },
    hits,
  };
}

/** `[M]`, 1 where entries are equal. */
export const hitsOf = (predicted: Uint16Array, expected: Uint16Array): Uint8Array =>
  Uint8Array.from(predicted, (value, i) => (value === expected[i] ? 1 : 0));

/** Share of equal entries. */
export const accuracy = (predicted: Uint16Array, expected: Uint16Array): number =>
  predicted.reduce((hits, value, i) => hits + (value === expected[i] ? 1 : 0), 0) / expected.length;

/** `[rows]` */
export const pickLabels = (labels: Uint16Array, rows: Uint32Array): Uint16Array =>
  Uint16Array.from(rows, (row) => labels[row] as number);
