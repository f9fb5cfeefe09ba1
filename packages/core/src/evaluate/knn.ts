/** Weighted k-nearest-neighbour classification by cosine similarity (Wu et al. 2018, §3.4). */
import { nearestRows } from './nearestRows.ts';
import { rowsOf, type Matrix, type RowMultiplier } from './rowProducts.ts';

export interface KnnOptions {
  readonly classes: number;
  readonly k: number;
  /** A neighbour votes with exp(similarity / temperature). */
  readonly temperature?: number;
  /** Multiplies faster than plain JavaScript; changes no result. */
  readonly multiplier?: RowMultiplier | undefined;
}

export interface KnnResult {
  /** `[M]`, the class with the most votes; the lowest of equals. */
  readonly predicted: Uint16Array;
  /** `[M, classes]` */
  readonly votes: Float64Array;
  /** `[M, k]` rows of the bank, nearest first; k is at most the size of the bank. */
  readonly neighbours: Uint32Array;
}

/** Rows of queries at a time: bounds the memory for similarities. */
const BLOCK = 128;

/** Classifies `queries` [M, D] by the labelled `bank` [K, D]. Throws on an empty bank or differing widths. */
export function knn(bank: Matrix, labels: Uint16Array, queries: Matrix, options: KnnOptions): KnnResult {
  if (bank.rows === 0 || labels.length !== bank.rows || bank.width !== queries.width) {
    throw new Error(
      `knn: expected a bank of labelled rows of width ${queries.width}, received ${bank.rows} rows of width ` +
        `${bank.width} with ${labels.length} labels`,
    );
  }
  const { classes, temperature = 0.07 } = options;
  const k = Math.min(options.k, bank.rows);
  const votes = new Float64Array(queries.rows * classes);
  const neighbours = new Uint32Array(queries.rows * k);
  const search = nearestRows(bank, options.multiplier);
  try {
    for (let start = 0; start < queries.rows; start += BLOCK) {
      const block = rowsOf(queries, start, Math.min(start + BLOCK, queries.rows));
      search.nearest(block, k).forEach((found, row) => {
        found.forEach(({ index, similarity }, rank) => {
          neighbours[(start + row) * k + rank] = index;
          const slot = (start + row) * classes + (labels[index] as number);
          votes[slot] = (votes[slot] as number) + Math.exp(similarity / temperature);
        });
      });
    }
  } finally {
    search.close();
  }
  return { predicted: argmaxRows(votes, classes), votes, neighbours };
}

/** The column of the largest value in each row of `values` [M, columns]; the first of equals. */
export function argmaxRows(values: Float64Array, columns: number): Uint16Array {
  return Uint16Array.from({ length: values.length / columns }, (_, row) => {
    let best = 0;
    for (let column = 1; column < columns; column++) {
      if ((values[row * columns + column] as number) > (values[row * columns + best] as number))
        best = column;
    }
    return best;
  });
}
