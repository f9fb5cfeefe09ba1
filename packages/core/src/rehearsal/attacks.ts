/**
 * What bad volunteers send in place of the pseudo-gradient that they trained. They work together and see what all
 * honest ones send, which is more than anybody in a real run does.
 */
import { fold, normal, type Key } from '../random/key.ts';
import { alieDeviations } from './alieDeviations.ts';

export const attackKinds = ['sign-flip', 'scaled', 'noise', 'alie', 'inner-product', 'zero'] as const;
export type AttackKind = (typeof attackKinds)[number];

export interface Attackers {
  readonly kind: AttackKind;
  /** Of all volunteers, 0 to 1. */
  readonly share: number;
}

/** How far the loud ones go: times as long as an honest pseudo-gradient. */
const LOUD = 10;
/** Of the honest mean. Short, so that it lies nearer to the honest ones than they to each other: what Krum trusts. */
const INNER_PRODUCT = 0.5;

export const attackerCount = ({ share }: Pick<Attackers, 'share'>, volunteers: number): number =>
  Math.round(share * volunteers);

export interface Trained {
  /** Of each attacker, had it been honest. */
  readonly own: readonly Float32Array[];
  readonly honest: readonly Float32Array[];
}

/**
 * What each attacker sends, all of the length of a pseudo-gradient:
 *
 * - `sign-flip`: its own, turned round; `scaled`: turned round and ten times as long.
 * - `noise`: normal noise, ten times as long as its own.
 * - `alie`: mean − z · deviation of the honest ones, coordinate by coordinate (Baruch et al. 2019, "A Little Is Enough").
 * - `inner-product`: −½ · mean of the honest ones (Xie et al. 2019, "Fall of Empires").
 * - `zero`: nothing, as one who wants the credit without the work.
 */
export function attackGradients(from: Key, kind: AttackKind, { own, honest }: Trained): Float32Array[] {
  switch (kind) {
    case 'sign-flip':
      return own.map((gradient) => gradient.map((value) => -value));
    case 'scaled':
      return own.map((gradient) => gradient.map((value) => -LOUD * value));
    case 'noise':
      return own.map((gradient, i) => noiseLike(fold(from, i), gradient));
    case 'alie': {
      const { mean, deviation } = moments(honest);
      const z = alieDeviations(own.length + honest.length, own.length);
      const sent = Float32Array.from(mean, (value, j) => value - z * (deviation[j] as number));
      return own.map(() => sent);
    }
    case 'inner-product': {
      const sent = Float32Array.from(moments(honest).mean, (value) => -INNER_PRODUCT * value);
      return own.map(() => sent);
    }
    case 'zero':
      return own.map((gradient) => new Float32Array(gradient.length));
  }
}

function noiseLike(from: Key, gradient: Float32Array): Float32Array {
  const meanSquare = gradient.reduce((sum, value) => sum + value * value, 0) / gradient.length;
  const scale = LOUD * Math.sqrt(meanSquare);
  return normal(from, gradient.length).map((value) => scale * value);
}

/** Mean and deviation of each coordinate. */
function moments(vectors: readonly Float32Array[]): { mean: Float64Array; deviation: Float64Array } {
  const length = vectors[0]?.length ?? 0;
  const mean = new Float64Array(length);
  const deviation = new Float64Array(length);
  for (let j = 0; j < length; j++) {
    let [sum, squares] = [0, 0];
    for (const vector of vectors) sum += vector[j] as number;
    mean[j] = sum / vectors.length;
    for (const vector of vectors) squares += ((vector[j] as number) - (mean[j] as number)) ** 2;
    deviation[j] = Math.sqrt(squares / vectors.length);
  }
  return { mean, deviation };
}
