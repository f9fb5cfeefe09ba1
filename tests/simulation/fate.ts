import { uniformStream, type Key } from '@murmur/core/random/key';
import type { LifeEffect } from '@murmur/core/volunteer/lifeState';
import type { Scenario } from './scenario.ts';

/** What happens to a volunteer at a moment of a round. */
export type Blow = { readonly kind: 'crash' } | { readonly kind: 'hang'; readonly ms: number };

/** Everything that a member does in a round, so that it can fail in each of its roles just before it. */
const MOMENTS = [
  'train',
  'tell ready',
  'transmit contribution',
  'reducePart',
  'tell reduced',
  'transmit update',
  'apply',
  'confirm',
  'tell contribution',
] as const;

function momentOf(effect: LifeEffect): string {
  if (effect.type === 'tell') return `tell ${effect.message.type}`;
  return effect.type === 'transmit' ? `transmit ${effect.kind}` : effect.type;
}

export interface Fate {
  /** What befalls the volunteer just before it does this; undefined for nothing. */
  before(effect: LifeEffect): Blow | undefined;
  forget(): void;
}

/** Draws for every round whether, when and how a volunteer fails; nothing once it is calm. */
export function createFate(
  { churn, stalls }: Pick<Scenario, 'churn' | 'stalls'>,
  key: Key,
  isCalm: () => boolean,
): Fate {
  const random = uniformStream(key);
  let drawn: { moment: string; blow: Blow } | undefined;

  function draw(): typeof drawn {
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)] as string;
    const lot = random();
    if (lot < churn) return { moment, blow: { kind: 'crash' } };
    if (lot < churn + stalls) return { moment, blow: { kind: 'hang', ms: 500 + 40_000 * random() ** 2 } };
    return undefined;
  }

  return {
    before(effect) {
      if (effect.type === 'train') drawn = isCalm() ? undefined : draw();
      if (isCalm() || drawn?.moment !== momentOf(effect)) return undefined;
      const { blow } = drawn;
      drawn = undefined;
      return blow;
    },
    forget() {
      drawn = undefined;
    },
  };
}
