/** The rows of a matrix that point most nearly where others do: a quick search, then the exact cosine of what it found. */
import { plainMultiplier, type Matrix, type RowMultiplier } from './rowProducts.ts';

export interface Neighbour {
  /** Row of the bank. */
  readonly index: number;
  /** Cosine, summed in double precision; 0 where a row is all zeros. */
  readonly similarity: number;
}

export interface RowSearch {
  /** For each row of `block` its k nearest rows, nearest first; of equals the first. k is at most the size of the bank. */
  nearest(block: Matrix, k: number): Neighbour[][];
  close(): void;
}

/** Unit roundoff of float32. */
const ROUNDING = 2 ** -24;

/**
 * Searches `bank` [K, D]. The multiplier may sum in float32: it only names the candidates, with a margin that no error of
 * such sums exceeds (Higham 2002, §3.1), so the result is that of double precision.
 */
export function nearestRows(bank: Matrix, multiplier: RowMultiplier = plainMultiplier): RowSearch {
  const bankScale = inverseNorms(bank);
  const products = multiplier(scaled(bank, bankScale));
  const margin = 2 * (bank.width + 8) * ROUNDING;
  return {
    nearest(block, k) {
      const scales = inverseNorms(block);
      const rough = products.multiply(scaled(block, scales));
      return Array.from(scales, (scale, row) => {
        const ofRow = rough.subarray(row * bank.rows, (row + 1) * bank.rows);
        const found = candidates(ofRow, k, margin).map((index) => ({
          index,
          similarity: dotOf(block, row, bank, index) * scale * (bankScale[index] as number),
        }));
        // Stable: of equals the first stays first.
        return found.sort((a, b) => b.similarity - a.similarity).slice(0, k);
      });
    },
    close: () => products.close(),
  };
}

function inverseNorms({ values, rows, width }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += (values[i] as number) ** 2;
    return squares > 0 ? 1 / Math.sqrt(squares) : 0;
  });
}

/** Rows of length 1, in float32. */
function scaled({ values, rows, width }: Matrix, scales: Float64Array): Matrix {
  const out = new Float32Array(rows * width);
  for (let row = 0, i = 0; row < rows; row++) {
    const scale = scales[row] as number;
    for (const end = i + width; i < end; i++) out[i] = (values[i] as number) * scale;
  }
  return { values: out, rows, width };
}

/** Indices, ascending, of all values that may be among the k largest where each is wrong by `margin` / 2 at most. */
function candidates(values: Float32Array | Float64Array, k: number, margin: number): number[] {
  const least = kthLargest(values, k) - margin;
  const found: number[] = [];
  for (let i = 0; i < values.length; i++) if ((values[i] as number) >= least) found.push(i);
  return found;
}

/** By insertion into a short sorted list. */
function kthLargest(values: Float32Array | Float64Array, k: number): number {
  const best = new Float64Array(k).fill(-Infinity);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value <= (best[k - 1] as number)) continue;
    let at = k - 1;
    for (; at > 0 && (best[at - 1] as number) < value; at--) best[at] = best[at - 1] as number;
    best[at] = value;
  }
  return best[k - 1] as number;
}

function dotOf(a: Matrix, rowA: number, b: Matrix, rowB: number): number {
  let sum = 0;
  for (let d = 0, i = rowA * a.width, j = rowB * b.width; d < a.width; d++, i++, j++) {
    sum += (a.values[i] as number) * (b.values[j] as number);
  }
  return sum;
}
