/** What a volunteer carries from round to round, so that neither coarse codecs nor lost rounds lose its work. */
import { allFinite } from '../codec/float32.ts';
import type { Carried, Given } from '../volunteer/ports.ts';

export const NOTHING_CARRIED: Carried = { residual: undefined, late: undefined, given: undefined };

/** Late work that is older than so many rounds was made for another model, and is dropped. */
const MOST_ROUNDS_LATE = 4;

/** Says which parts of a contribution are in a version; what was said last counts. Nothing when it was another round's. */
export function settle(carried: Carried, round: number, taken: readonly boolean[]): Carried {
  const { given } = carried;
  return given?.round === round ? { ...carried, given: { ...given, taken } } : carried;
}

/**
 * What there is to carry into this round. Of the newest contribution, parts that are in a version leave their error as
 * residual; the work of the others is late. A round that is begun once more takes the place of what was done in it.
 */
export function openRound({ residual, late, given }: Carried, round: number): Carried {
  const known: Carried =
    given === undefined || given.round >= round
      ? { residual, late, given: undefined }
      : { residual: residualAfter(residual, given), late: lateOf(given), given: undefined };
  const old = known.late !== undefined && round - known.late.round > MOST_ROUNDS_LATE;
  return old ? { ...known, late: undefined } : known;
}

function residualAfter(before: Float32Array | undefined, given: Given): Float32Array | undefined {
  const { error, taken, gradient } = given;
  if (taken.length > 0 && taken.every(Boolean)) return error;
  if (!taken.some(Boolean)) return before;
  return chosen(given, gradient.length, { taken: error, lost: before });
}

function lateOf(given: Given): Carried['late'] {
  const { gradient, taken, round } = given;
  if (taken.length > 0 && taken.every(Boolean)) return undefined;
  const all = !taken.some(Boolean);
  return { round, gradient: all ? gradient : chosen(given, gradient.length, { lost: gradient }) };
}

/** One vector of the parts that were taken, another of those that were not; zeros where there is none. */
function chosen(
  { parts, taken }: Given,
  length: number,
  from: { readonly taken?: Float32Array | undefined; readonly lost?: Float32Array | undefined },
): Float32Array {
  const whole = new Float32Array(length);
  parts.forEach(({ start, end }, part) => {
    const source = taken[part] === true ? from.taken : from.lost;
    if (source) whole.set(source.subarray(start, end), start);
  });
  return whole;
}

/** Where training begins: the version without what is carried late, so that `base − local` holds that, too (RD5). Borrows. */
export const startOf = (base: Float32Array, { late }: Carried): Float32Array =>
  late === undefined ? base : base.map((value, i) => value - (late.gradient[i] as number));

/** What is to be encoded: own work, late work and the residual. Finite, or nothing but own work is in it. */
export function withCarried(
  own: Float32Array,
  { late, residual }: Carried,
): { readonly intended: Float32Array; readonly more: boolean } {
  const work = late === undefined ? own : sumOf(own, late.gradient);
  const intended = residual === undefined ? work : sumOf(work, residual);
  return allFinite(intended) ? { intended, more: intended !== own } : { intended: own, more: false };
}

const sumOf = (a: Float32Array, b: Float32Array): Float32Array =>
  a.map((value, i) => value + (b[i] as number));
