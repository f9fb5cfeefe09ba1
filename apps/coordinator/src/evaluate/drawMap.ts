import { alignTo } from '@murmur/core/evaluate/procrustes';
import { principalComponents, project } from '@murmur/core/evaluate/pca';
import type { Matrix } from '@murmur/core/evaluate/rowProducts';
import { unitRows } from '@murmur/core/evaluate/unitRows';
import type { MapLayouts } from '@murmur/core/protocol/map';
import type { Key } from '@murmur/core/random/key';
import { umapLayout, type UmapStart } from './umapLayout.ts';

/** The first layout has to find its form; a later one only follows what the encoder has learned since. */
const FIRST = { epochs: 300, learningRate: 1 } as const;
const LATER = { epochs: 100, learningRate: 0.3 } as const;
/** UMAP's layouts are about so wide; one that begins at another size spends its epochs on growing. */
const FIRST_REACH = 10;

/**
 * The map of `features` [M, D]: the plane of the two principal components, and UMAP's. Both are turned onto the
 * `previous` map and UMAP begins there, so that from version to version points move rather than jump.
 */
export function drawMap(features: Matrix, previous: MapLayouts | undefined, from: Key): MapLayouts {
  const rows = unitRows(features);
  const plane = project(rows, principalComponents(rows, 2));
  const pca = previous ? alignTo(plane, previous.pca) : plane;
  const start: UmapStart = previous
    ? { positions: previous.umap, ...LATER }
    : { positions: scaledTo(FIRST_REACH, plane), ...FIRST };
  const umap = umapLayout(rows, start, from);
  return { pca, umap: previous ? alignTo(umap, previous.umap) : umap };
}

function scaledTo(reach: number, points: Float32Array): Float32Array {
  const now = points.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return now === 0 ? points : points.map((value) => (value * reach) / now);
}
