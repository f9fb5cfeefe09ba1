/** How the contributions to a part become one pseudo-gradient, whatever some of them hold (AG2). */
import { checkLengths, meanRows, type Weighted } from './average.ts';
import { centredClip } from './centredClip.ts';
import { clipFactors, clipNorms } from './clipNorms.ts';
import { coordinateMedian, trimmedMean } from './coordinateWise.ts';
import { krum } from './krum.ts';
import { median } from './median.ts';
import { weightedSum, type Row } from './row.ts';
import type { AggregationRule } from '../protocol/round.ts';

/** Contributions of honest volunteers are rarely so much longer than the median: the mean of those stays what it is. */
const MOST_NORM_OF_MEAN = 3;

/** AG2: one in each fifth at either end. */
export const trimOf = (count: number): number => Math.min(Math.ceil(count / 5), Math.floor((count - 1) / 2));

/**
 * Pseudo-gradients of one part by `rule`. All rules normalise by steps and clip lengths to the median one first. The
 * mean weighs by samples (RD10); the others count heads, since a number of samples is but a claim. Float64 in the
 * order given: every machine gets the same bytes. Borrows its arguments. Throws where lengths differ or nothing is given.
 */
export function aggregate(rule: AggregationRule, contributions: readonly Weighted[]): Float32Array {
  checkLengths(contributions, 'aggregate');
  if (rule === 'mean') return clippedMean(contributions);
  const rows = clipNorms(equalRows(contributions), 1);
  switch (rule) {
    case 'trimmed-mean':
      return trimmedMean(rows, trimOf(rows.length));
    case 'median':
      return coordinateMedian(rows);
    case 'centred-clip':
      return centredClip(rows);
    case 'krum':
      return krum(rows);
  }
}

/** Each as long as it would be after the median number of steps: one who claims a single step gains nothing. */
function equalRows(contributions: readonly Weighted[]): Row[] {
  const steps = median(contributions.map((c) => c.steps));
  return contributions.map(({ values, steps: own }) => ({ values, scale: steps / own }));
}

function clippedMean(contributions: readonly Weighted[]): Float32Array {
  const factors = clipFactors(equalRows(contributions), MOST_NORM_OF_MEAN);
  const rows = meanRows(contributions);
  return weightedSum(rows.map(({ values, scale }, i) => ({ values, scale: scale * (factors[i] as number) })));
}
