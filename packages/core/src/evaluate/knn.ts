/** Weighted k-nearest-neighbour classification by cosine similarity (Wu et al. 2018, §3.4). */
import { rowProducts, type Matrix } from './rowProducts.ts';

export interface KnnOptions {
  readonly classes: number;
  readonly k: number;
  /** A neighbour votes with exp(similarity / temperature). */
  readonly temperature?: number;
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
const BLOCK = 64;

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
  const bankScale = inverseNorms(bank);
  for (let start = 0; start < queries.rows; start += BLOCK) {
    const block = rowsOf(queries, start, Math.min(start + BLOCK, queries.rows));
    const similarities = cosines(block, bank, bankScale);
    for (let row = 0; row < block.rows; row++) {
      const ofRow = similarities.subarray(row * bank.rows, (row + 1) * bank.rows);
      const nearest = largest(ofRow, k);
      neighbours.set(nearest, (start + row) * k);
      for (const index of nearest) {
        const slot = (start + row) * classes + (labels[index] as number);
        votes[slot] = (votes[slot] as number) + Math.exp((ofRow[index] as number) / temperature);
      }
    }
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

function rowsOf(matrix: Matrix, from: number, to: number): Matrix {
  const values = matrix.values.subarray(from * matrix.width, to * matrix.width);
  return { values, rows: to - from, width: matrix.width };
}

/** `[rows of a, rows of b]`; a row of zeros is similar to nothing. */
function cosines(a: Matrix, b: Matrix, scaleB: Float64Array): Float64Array {
  const scaleA = inverseNorms(a);
  return rowProducts(a, b).map(
    (product, i) => product * (scaleA[Math.floor(i / b.rows)] as number) * (scaleB[i % b.rows] as number),
  );
}

function inverseNorms({ values, rows, width }: Matrix): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    let squares = 0;
    for (let i = row * width; i < (row + 1) * width; i++) squares += (values[i] as number) ** 2;
    return squares > 0 ? 1 / Math.sqrt(squares) : 0;
  });
}

/** Indices of the k largest values, largest first; of equals the first. Insertion into a short sorted list. */
function largest(values: Float64Array, k: number): number[] {
  const best: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (best.length === k && value <= (values[best[k - 1] as number] as number)) continue;
    let at = best.length;
    while (at > 0 && (values[best[at - 1] as number] as number) < value) at--;
    best.splice(at, 0, i);
    if (best.length > k) best.pop();
  }
  return best;
}
