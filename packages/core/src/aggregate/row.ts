/**
 * A vector `scale · values` that is never written out: 16 contributions to a large part would else be copied to
 * float64 only to be read once.
 */
export interface Row {
  readonly values: Float32Array;
  readonly scale: number;
}

/** Coordinates of each row; all rows have as many. */
export const lengthOf = (rows: readonly Row[]): number => rows[0]?.values.length ?? 0;

/** `Σ scaleᵢ · valuesᵢ`, in float64 in the order given. */
export function weightedSum(rows: readonly Row[]): Float32Array {
  const sum = new Float64Array(lengthOf(rows));
  for (const { values, scale } of rows) {
    for (let j = 0; j < sum.length; j++) sum[j] = (sum[j] as number) + scale * (values[j] as number);
  }
  return Float32Array.from(sum);
}

/** The plain mean, in float64 in the order given. */
export const meanOf = (rows: readonly Row[]): Float32Array =>
  weightedSum(rows.map(({ values, scale }) => ({ values, scale: scale / rows.length })));

/** Euclidean length, in float64. Squares by multiplication: engines may round a power differently. */
export function lengthOfRow({ values, scale }: Row): number {
  let squares = 0;
  for (let j = 0; j < values.length; j++) squares += (values[j] as number) * (values[j] as number);
  return Math.abs(scale) * Math.sqrt(squares);
}
