/** Which version the map shows, and how it gets from one to another. Pure. */

export interface MapClock {
  /** Shown now, in frames from the first; between two while points move. */
  readonly at: number;
  /** The frame that was chosen. */
  readonly chosen: number;
  /** While it plays: how far it has come, in frames; it rests a moment at each. */
  readonly playhead: number | undefined;
}

/** How long a version takes while the map plays: half of it moving. */
const FRAME_MS = 1100;
/** Time in which two thirds of a way are gone when a version is chosen. */
const GLIDE_MS = 140;
const ARRIVED = 0.004;

export const atNewest = (count: number): MapClock => ({
  at: count - 1,
  chosen: count - 1,
  playhead: undefined,
});

export const choose = (clock: MapClock, frame: number): MapClock => ({
  ...clock,
  chosen: frame,
  playhead: undefined,
});

/** Plays from where it is, from the beginning where that is the end; stops where it plays already. */
export function togglePlay(clock: MapClock, count: number): MapClock {
  if (clock.playhead !== undefined) return choose(clock, Math.round(clock.at));
  const from = clock.at >= count - 1 ? 0 : clock.at;
  return { at: from, chosen: Math.round(from), playhead: from };
}

/** A new map is shown where the newest was; whoever looks back is left there. */
export function withCount(clock: MapClock, before: number, count: number): MapClock {
  const chosen = clock.chosen === before - 1 ? count - 1 : Math.min(clock.chosen, count - 1);
  return { ...clock, chosen, at: Math.min(clock.at, count - 1) };
}

export const isMoving = ({ at, chosen, playhead }: MapClock): boolean =>
  playhead !== undefined || at !== chosen;

/** `elapsedMs` later. `still`: without motion in between, for those who do not want any. */
export function advance(
  clock: MapClock,
  elapsedMs: number,
  { count, still }: { readonly count: number; readonly still: boolean },
): MapClock {
  if (clock.playhead === undefined) return { ...clock, at: glide(clock, elapsedMs, still) };
  const playhead = clock.playhead + elapsedMs / FRAME_MS;
  if (playhead >= count - 1) return atNewest(count);
  const at = still ? Math.floor(playhead) : eased(playhead);
  return { at, chosen: Math.round(at), playhead };
}

function glide({ at, chosen }: MapClock, elapsedMs: number, still: boolean): number {
  const left = (at - chosen) * Math.exp(-elapsedMs / GLIDE_MS);
  return still || Math.abs(left) < ARRIVED ? chosen : chosen + left;
}

/** Moves during the second half of each frame, slowly at both ends. */
function eased(playhead: number): number {
  const frame = Math.floor(playhead);
  const share = Math.max(0, 2 * (playhead - frame) - 1);
  return frame + share * share * (3 - 2 * share);
}
