import { describe, expect, it } from 'vitest';
import { mostCrowded } from './thinRounds.ts';

describe('the most crowded round', () => {
  it('is neither the first nor the last', () => {
    expect(mostCrowded([0, 1, 100])).toBe(1);
    expect(mostCrowded([0, 50, 51, 52, 53])).toBe(2);
    expect(mostCrowded([0, 1, 2, 50, 100])).toBe(1);
  });

  it('dropped at each new round leaves rounds that lie evenly from the first to the last', () => {
    const kept: number[] = [];
    for (let round = 0; round <= 5_000; round += 10) {
      kept.push(round);
      if (kept.length > 50) kept.splice(mostCrowded(kept), 1);
    }
    const gaps = kept.slice(1).map((round, i) => round - kept[i]!);
    expect([kept[0], kept.at(-1), kept.length]).toEqual([0, 5_000, 50]);
    expect(Math.max(...gaps) / Math.min(...gaps.slice(0, -1))).toBeLessThanOrEqual(4);
  });
});
