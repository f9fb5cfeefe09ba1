import { useEffect, useRef, useState } from 'preact/hooks';
import { advance, atNewest, choose, isMoving, togglePlay, withCount, type MapClock } from './mapClock.ts';

const STILL = '(prefers-reduced-motion: reduce)';

export interface MapTime {
  readonly clock: MapClock;
  readonly choose: (frame: number) => void;
  readonly togglePlay: () => void;
}

/** The clock of a map of `count` frames, driven by the page's own frames while something moves. */
export function useMapClock(count: number): MapTime {
  const [clock, setClock] = useState(() => atNewest(count));
  const before = useRef(count);
  useEffect(() => {
    setClock((now) => withCount(now, before.current, count));
    before.current = count;
  }, [count]);
  const moving = isMoving(clock);
  useEffect(() => {
    if (!moving) return;
    const still = matchMedia(STILL);
    let last: number | undefined;
    const step = (nowMs: number): void => {
      const elapsedMs = nowMs - (last ?? nowMs);
      last = nowMs;
      setClock((now) => advance(now, elapsedMs, { count, still: still.matches }));
      request = requestAnimationFrame(step);
    };
    let request = requestAnimationFrame(step);
    return () => cancelAnimationFrame(request);
  }, [moving, count]);
  return {
    clock,
    choose: (frame) => setClock((now) => choose(now, frame)),
    togglePlay: () => setClock((now) => togglePlay(now, count)),
  };
}
