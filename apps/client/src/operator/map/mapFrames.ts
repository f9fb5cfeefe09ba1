/** The maps of a run as the panel draws them: fitted into a square and blended from version to version. Pure. */
import type { MapIndex, VersionMap } from '@murmur/core/protocol/map';
import type { SpriteSheet } from './spriteSheet.ts';

export type MapMethod = 'umap' | 'pca';

/** The map of one version: each layout `[M, 2]` within −1 … 1, y upwards. */
export interface MapFrame extends Readonly<Record<MapMethod, Float32Array>> {
  readonly round: number;
  readonly version: string;
}

export interface LoadedMap {
  readonly sprites: SpriteSheet;
  /** By round, ascending; at least one. */
  readonly frames: readonly MapFrame[];
}

/** What the panel shows. */
export type MapView =
  | { readonly kind: 'absent'; readonly sentence: string }
  | { readonly kind: 'failed'; readonly sentence: string }
  | { readonly kind: 'shown'; readonly map: LoadedMap; readonly trouble: string | undefined };

/** This share of the coordinates fills the square; the few points beyond it lie on its edge. */
const FITTED_SHARE = 0.985;
/** What is smaller is rounding, not a map. */
const LEAST_REACH = 1e-6;

export const frameOf = (version: string, { round, pca, umap }: VersionMap): MapFrame => ({
  round,
  version,
  pca: fitted(pca),
  umap: fitted(umap),
});

function fitted(layout: Float32Array): Float32Array {
  const sizes = Float32Array.from(layout, Math.abs).sort();
  const reach = Math.max(LEAST_REACH, sizes[Math.floor(FITTED_SHARE * (sizes.length - 1))] ?? 0);
  return layout.map((value) => Math.max(-1, Math.min(1, value / reach)));
}

/** Where the points are at `time`, in frames from the first: between two frames, between their places. */
export function positionsAt(frames: readonly MapFrame[], method: MapMethod, time: number): Float32Array {
  const from = Math.max(0, Math.min(frames.length - 1, Math.floor(time)));
  const [a, b] = [frames[from]?.[method], frames[from + 1]?.[method]];
  const share = time - from;
  if (a === undefined || b === undefined || share <= 0) return a ?? new Float32Array();
  return a.map((value, i) => value + share * ((b[i] ?? value) - value));
}

/** The topmost point whose picture, `reach` from its middle to its edge, covers (x, y); else the nearest within `slack`. */
export function pointAt(
  positions: Float32Array,
  at: { readonly x: number; readonly y: number },
  { reach, slack }: { readonly reach: number; readonly slack: number },
): number | undefined {
  let nearest: number | undefined;
  let least = reach + slack;
  for (let point = positions.length / 2 - 1; point >= 0; point--) {
    const away = Math.max(
      Math.abs((positions[2 * point] ?? 0) - at.x),
      Math.abs((positions[2 * point + 1] ?? 0) - at.y),
    );
    if (away <= reach) return point;
    if (away < least) [nearest, least] = [point, away];
  }
  return nearest;
}

export interface MapLoading {
  readonly map: LoadedMap | undefined;
  /** Why the newest map could not be fetched. */
  readonly problem: string | undefined;
}

const NOTHING: MapLoading = { map: undefined, problem: undefined };

const UNSCORED =
  'The map is drawn of the pictures that scores are measured with, and this run has no scores.';
const TO_COME =
  'Pictures of the evaluation set appear here with the first scored version: those that the encoder sees alike lie side by side, and move there while it learns.';
const FETCHING = 'Fetching the map …';

/** `index` is null where there will be no map. */
export function mapViewOf(index: MapIndex | null, { map, problem }: MapLoading = NOTHING): MapView {
  if (index === null) return { kind: 'absent', sentence: UNSCORED };
  if (map !== undefined) return { kind: 'shown', map, trouble: problem };
  if (problem !== undefined) return { kind: 'failed', sentence: problem };
  return { kind: 'absent', sentence: index.versions.length === 0 ? TO_COME : FETCHING };
}
