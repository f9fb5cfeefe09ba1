import { describe, expect, it } from 'vitest';
import { advance, atNewest, choose, isMoving, togglePlay, withCount, type MapClock } from './mapClock.ts';

const moving = { count: 5, still: false };
const still = { count: 5, still: true };

/** What is shown, picture by picture of the screen, until nothing moves. */
function run(from: MapClock, how = moving, frameMs = 16): number[] {
  const shown: number[] = [];
  for (let clock = from; isMoving(clock); shown.push(clock.at)) clock = advance(clock, frameMs, how);
  return shown;
}
const largestStep = (shown: readonly number[]) =>
  Math.max(...shown.slice(1).map((at, i) => Math.abs(at - shown[i]!)));

describe('the clock of the map', () => {
  it('rests at the newest version, and goes along when a newer one comes', () => {
    const clock = atNewest(5);
    expect([clock.at, isMoving(clock)]).toEqual([4, false]);
    const grown = withCount(clock, 5, 6);
    expect([grown.at, grown.chosen]).toEqual([4, 5]);
    expect(run(grown, { count: 6, still: false }).at(-1)).toBe(5);
  });

  it('leaves who looks back where they are, and stays within what there is', () => {
    const back = choose(atNewest(5), 1);
    expect(withCount(back, 5, 6).chosen).toBe(1);
    expect(withCount(choose(atNewest(5), 3), 5, 2)).toMatchObject({ chosen: 1, at: 1 });
  });

  it('glides to the version that is chosen within a second, without a jump', () => {
    const shown = run(choose(atNewest(5), 0));
    expect(shown.at(-1)).toBe(0);
    expect(shown.length * 16).toBeLessThan(1_100);
    expect(largestStep(shown)).toBeLessThan(0.5);
    expect(shown).toEqual([...shown].sort((a, b) => b - a));
  });

  it('plays from the beginning when it stands at the end, resting at each version, and stops there again', () => {
    const shown = run(togglePlay(atNewest(5), 5));
    expect([shown[0], shown.at(-1)]).toEqual([0, 4]);
    expect(largestStep(shown)).toBeLessThan(0.1);
    for (const frame of [0, 1, 2, 3]) expect(shown.filter((at) => at === frame).length).toBeGreaterThan(20);
  });

  it('plays on from where it is, and stops when asked, at a whole version', () => {
    const playing = togglePlay(choose({ ...atNewest(5), at: 2 }, 2), 5);
    expect(playing.playhead).toBe(2);
    const later = advance(playing, 900, moving);
    expect(later.at).toBeGreaterThan(2);
    const stopped = togglePlay(later, 5);
    expect(stopped.playhead).toBeUndefined();
    expect(run(stopped).at(-1)).toBe(stopped.chosen);
  });

  it('shows only whole versions to those who want no motion', () => {
    expect(run(choose(atNewest(5), 0), still)).toEqual([0]);
    const played = run(togglePlay(atNewest(5), 5), still);
    expect(played.every(Number.isInteger)).toBe(true);
    expect(new Set(played).size).toBe(5);
  });
});
