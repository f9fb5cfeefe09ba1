/** Whether bytes that were handed in can be a reduced part at all (AG1, AG3). */
import { median } from '../aggregate/median.ts';
import { norm } from '../aggregate/norm.ts';
import type { Reason } from '../protocol/reasons.ts';
import type { Frozen, RoundRules } from './state.ts';

/** No average of a part is so many times longer than the whole of what contributors in the middle have announced. */
const MOST_TO_MEDIAN_NORM = 10;

/** Why these bytes cannot be a reduced part; undefined where they can. */
export function uselessBecause(
  round: Frozen,
  { part, bytes }: { part: number; bytes: Uint8Array },
  rules: RoundRules,
): Reason | undefined {
  const { start, end } = round.manifest.parts[part] ?? { start: 0, end: 0 };
  const decoded = rules.decode(round.manifest, bytes, end - start);
  if (decoded.kind === 'refused') return decoded.reason;
  return isPlausible(round, decoded.values) ? undefined : 'implausible';
}

/** Keeps lies small until an audit finds them: a part that is much too long would leave no digits to heal (AG3). */
function isPlausible(round: Frozen, values: Float32Array): boolean {
  const norms = round.contributors.flatMap(({ peer }) => round.ready.get(peer)?.norm ?? []);
  return norm(values) <= MOST_TO_MEDIAN_NORM * median(norms);
}
