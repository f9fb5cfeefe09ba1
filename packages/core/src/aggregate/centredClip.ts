import { coordinateMedian } from './coordinateWise.ts';
import { lowerMedian } from './median.ts';
import { lengthOf, type Row } from './row.ts';

/** The paper finds that one to three are enough; from a start as good as the median the second hardly moves. */
const ITERATIONS = 3;

/**
 * Centred clipping (Karimireddy et al. 2021, algorithm 2): `v ← v + 1/n Σ (xᵢ − v) · min(1, τ / ‖xᵢ − v‖)`. However far
 * off `f` rows are, they move `v` by at most `τ f / n` an iteration.
 *
 * The paper starts from the last aggregate, which the owner of a part, another one in every round, does not hold; this
 * starts from the coordinate median, which no minority moves beyond the others. The radius `τ` is the lower median of
 * the distances from there, so that it needs no tuning, follows the training, and is the distance of a good row or
 * less as long as the good ones are most: the nearer half counts in full, everything else with the length `τ`.
 */
export function centredClip(rows: readonly Row[]): Float32Array {
  const centre = Float64Array.from(coordinateMedian(rows));
  const radius = lowerMedian(rows.map((row) => distance(row, centre)));
  for (let i = 0; i < ITERATIONS; i++) moveOnce(centre, rows, radius);
  return Float32Array.from(centre);
}

function moveOnce(centre: Float64Array, rows: readonly Row[], radius: number): void {
  const move = new Float64Array(lengthOf(rows));
  for (const row of rows) {
    const { values, scale } = row;
    const away = distance(row, centre);
    const share = (away <= radius ? 1 : radius / away) / rows.length;
    for (let j = 0; j < move.length; j++) {
      const difference = scale * (values[j] as number) - (centre[j] as number);
      move[j] = (move[j] as number) + share * difference;
    }
  }
  for (let j = 0; j < move.length; j++) centre[j] = (centre[j] as number) + (move[j] as number);
}

function distance({ values, scale }: Row, centre: Float64Array): number {
  let squares = 0;
  for (let j = 0; j < values.length; j++) {
    const difference = scale * (values[j] as number) - (centre[j] as number);
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
