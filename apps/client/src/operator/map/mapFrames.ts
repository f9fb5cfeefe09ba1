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

/** So many of the points at each side do not count for the size of the map: they lie on the edge of the square. */
const STRAY_SHARE = 0.01;
/** Distances between UMAP's groups mean little, so it may fill the square; PCA's mean something and keep their shape. */
const UMAP_STRETCH = 2;
/** What is smaller is rounding, not a map. */
const LEAST_REACH = 1e-6;

export const frameOf = (version: string, { round, pca, umap }: VersionMap): MapFrame => ({
  round,
  version,
  pca: fitted(pca, 1),
  umap: fitted(umap, UMAP_STRETCH),
});

/** Moves and scales a layout into the square; its shorter side is stretched `stretch` times at most. */
function fitted(layout: Float32Array, stretch: number): Float32Array {
  const spans = [0, 1].map((axis) => spanOf(layout.filter((_, i) => i % 2 === axis)));
  const widest = Math.max(...spans.map(({ reach }) => reach));
  return layout.map((value, i) => {
    const { middle = 0, reach = widest } = spans[i % 2] ?? {};
    return Math.max(-1, Math.min(1, (value - middle) / Math.max(reach, widest / stretch)));
  });
}

/** The middle of the values and how far they go from there, without the few strays at both ends. */
function spanOf(values: Float32Array): { readonly middle: number; readonly reach: number } {
  const sorted = values.sort();
  const strays = Math.floor(STRAY_SHARE * sorted.length);
  const [low, high] = [sorted[strays] ?? 0, sorted[sorted.length - 1 - strays] ?? 0];
  return { middle: (low + high) / 2, reach: Math.max(LEAST_REACH, (high - low) / 2) };
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
