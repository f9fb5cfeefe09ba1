/** How much what a volunteer sent must be like what training it again gives (AG6). */
import type { Likeness } from './state.ts';

/**
 * `npm run bench -- spot` and docs/results/spot-checks: of honest volunteers the cosine of a part was never below 0.76 and the length
 * between 0.6 and 1.1; another backend changes that by 0.02 at most, what the optimiser had in mind before by the rest.
 */
const EXPLAINED = { cosine: 0.6, shortest: 0.3, longest: 3 };
/** Where there is more in it, or its optimiser remembers what nobody knows: it must only lie on the side of its training. */
const UNEXPLAINED = { cosine: 0.03, shortest: 0.03, longest: 10 };

export type Verdict = 'right' | 'doubtful' | 'wrong';

/** `doubtful`: what an honest volunteer may send whose optimiser has lost its memory; `wrong`: what none does. */
export function verdictOn(likeness: Likeness, explained: boolean): Verdict {
  if (!within(likeness, UNEXPLAINED)) return 'wrong';
  return explained && !within(likeness, EXPLAINED) ? 'doubtful' : 'right';
}

const within = (
  { cosine, length }: Likeness,
  least: { readonly cosine: number; readonly shortest: number; readonly longest: number },
): boolean => cosine >= least.cosine && length >= least.shortest && length <= least.longest;

/** Compares vectors of one length, in float64; undefined where nothing can be like `own`: it has no length, or none that is finite. */
export function likenessOf(sent: Float32Array, own: Float32Array): Likeness | undefined {
  let [product, sentSquares, ownSquares] = [0, 0, 0];
  for (let i = 0; i < sent.length; i++) {
    const [a, b] = [sent[i] as number, own[i] as number];
    product += a * b;
    sentSquares += a * a;
    ownSquares += b * b;
  }
  if (!(ownSquares > 0 && ownSquares < Infinity)) return undefined;
  const lengths = Math.sqrt(sentSquares) * Math.sqrt(ownSquares);
  return {
    cosine: lengths > 0 ? product / lengths : 0,
    length: Math.sqrt(sentSquares / ownSquares),
  };
}
