export interface TwoLevels {
  /** Float32, 0 ≤ low ≤ high. */
  readonly low: number;
  readonly high: number;
  /** Magnitudes from here on have the high level; Infinity where there is one level only. */
  readonly from: number;
}

/**
 * The two levels that stand for these magnitudes with the least squared error: the means of the lower and of the upper
 * ones, cut where that is best (2-means on a line, exact). Zeros stay zero: where there are any, they are the lower ones.
 * Sorts `magnitudes`, of which there is at least one.
 */
export function twoLevels(magnitudes: Float32Array): TwoLevels {
  magnitudes.sort();
  const count = magnitudes.length;
  const cut = magnitudes[0] === 0 ? zerosIn(magnitudes) : bestCut(magnitudes);
  const low = mean(magnitudes, 0, cut);
  const high = cut < count ? mean(magnitudes, cut, count) : low;
  return { low, high, from: low === high ? Infinity : (magnitudes[cut] as number) };
}

function zerosIn(sorted: Float32Array): number {
  const first = sorted.findIndex((size) => size > 0);
  return first < 0 ? sorted.length : first;
}

/** How many are the lower ones. The squared error is the squared length less Σ sum² / count: the larger that, the better. */
function bestCut(sorted: Float32Array): number {
  const count = sorted.length;
  const total = sum(sorted, 0, count);
  let [cut, most, lower] = [count, total ** 2 / count, 0];
  for (let i = 1; i < count; i++) {
    lower += sorted[i - 1] as number;
    if (sorted[i - 1] === sorted[i]) continue;
    const worth = lower ** 2 / i + (total - lower) ** 2 / (count - i);
    if (worth > most) [cut, most] = [i, worth];
  }
  return cut;
}

function sum(values: Float32Array, start: number, end: number): number {
  let total = 0;
  for (let i = start; i < end; i++) total += values[i] as number;
  return total;
}

const mean = (values: Float32Array, start: number, end: number): number =>
  Math.fround(sum(values, start, end) / (end - start));
