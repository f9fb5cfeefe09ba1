/** Linear probes that know few labels: what an encoder is worth where labelling is dear (Chen et al. 2020, §5). */
import { fold, permutation, type Key } from '../random/key.ts';
import { bootstrapMean, type Estimate } from './bootstrap.ts';
import { predictLinear, trainLinearProbe } from './linearProbe.ts';
import { pickRows, type Matrix } from './rowProducts.ts';
import { hitsOf, pickLabels, type EvaluationSplit, type LabelledFeatures } from './score.ts';
import { fitStandardiser, standardise } from './standardise.ts';

/** Shares of the labelled bank. */
export const FEW_LABEL_SHARES = [0.01, 0.1] as const;

/** The mean over several draws of labels; its interval is by resampling the test rows. */
export interface FewLabelScore extends Estimate {
  readonly share: number;
  /** Labels in each draw. */
  readonly labels: number;
  readonly draws: number;
  /** Of single draws: how much depends on which labels one has. */
  readonly lowestDraw: number;
  readonly highestDraw: number;
}

export interface FewLabelOptions {
  readonly split: EvaluationSplit;
  readonly key: Key;
  readonly share: number;
  readonly draws?: number;
  readonly l2?: number;
}

/**
 * Rows of `labels` that a share of each class is, at least one of each class that there is: ascending, the same for the same key
 * (Oliver et al. 2018 draw by class too, so that no class is missing by chance).
 */
export function drawStratified(from: Key, labels: Uint16Array, share: number): Uint32Array {
  const byClass = new Map<number, number[]>();
  labels.forEach((label, row) => byClass.set(label, [...(byClass.get(label) ?? []), row]));
  const rows = Array.from(byClass, ([label, ofClass]) => {
    const count = Math.max(1, Math.round(share * ofClass.length));
    const order = permutation(fold(from, label), ofClass.length).subarray(0, count);
    return Array.from(order, (i) => ofClass[i] as number);
  });
  return Uint32Array.from(rows.flat()).sort();
}

/** Scores probes on draws of the labelled bank. Features are standardised by all of the bank, which needs no label of it. */
export function scoreFewLabels(set: LabelledFeatures, options: FewLabelOptions): FewLabelScore {
  const { split, key, share, draws = 5, l2 = 1e-3 } = options;
  const bank = pickRows(set.features, split.train);
  const scaler = fitStandardiser(bank);
  const [train, test] = [standardise(bank, scaler), standardise(pickRows(set.features, split.test), scaler)];
  const [labels, expected] = [pickLabels(set.labels, split.train), pickLabels(set.labels, split.test)];
  const drawn = Array.from({ length: draws }, (_, i) => drawStratified(fold(key, i), labels, share));
  const hits = drawn.map((rows) => {
    const known = { features: pickRows(train, rows), labels: pickLabels(labels, rows) };
    return hitsOfProbe(known, test, { expected, classes: set.classes, l2 });
  });
  const shares = hits.map((ofDraw) => ofDraw.reduce((sum, hit) => sum + hit, 0) / ofDraw.length);
  return {
    ...bootstrapMean(fold(key, 'bootstrap'), meanOfRows(hits)),
    share,
    labels: drawn[0]?.length ?? 0,
    draws,
    lowestDraw: Math.min(...shares),
    highestDraw: Math.max(...shares),
  };
}

function hitsOfProbe(
  known: { readonly features: Matrix; readonly labels: Uint16Array },
  test: Matrix,
  { expected, ...options }: { readonly expected: Uint16Array; readonly classes: number; readonly l2: number },
): Uint8Array {
  const probe = trainLinearProbe(known.features, known.labels, options);
  return hitsOf(predictLinear(probe, test), expected);
}

/** `[M]`, the share of draws that were right of each test row. */
const meanOfRows = (hits: readonly Uint8Array[]): Float64Array =>
  Float64Array.from(hits[0] ?? [], (_, row) =>
    hits.reduce((sum, ofDraw) => sum + (ofDraw[row] as number) / hits.length, 0),
  );
