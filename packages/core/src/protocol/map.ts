/**
 * The embedding map: where pictures of the evaluation set lie in the plane, version by version. It carries no label and
 * no class. Only the operator's page asks for it; every file is immutable and named by what it is made of.
 */
import { z } from 'zod';
import { hash } from './round.ts';

/** More points than this cannot be told apart on a screen, and the layout would take too long. */
export const MAP_POINTS = 500;

/** What the operator's page is told: which files there are. */
export const mapIndex = z.object({
  /** The pictures, raw uint8 [count, side, side, channels]: GET /operator/map/pictures/HASH. */
  pictures: z.object({
    hash,
    count: z.number().int().min(1).max(MAP_POINTS),
    side: z.number().int().min(1).max(64),
    channels: z.union([z.literal(1), z.literal(3)]),
  }),
  /** By round, ascending; round 0 is the untrained encoder. Each a file: GET /operator/map/VERSION. */
  versions: z.array(z.object({ round: z.number().int().min(0), version: hash })),
});

export type MapIndex = z.infer<typeof mapIndex>;

/** Two layouts of the same M points, each `[M, 2]`: x, y of the first point, of the second, … */
export interface MapLayouts {
  readonly pca: Float32Array;
  readonly umap: Float32Array;
}

export interface VersionMap extends MapLayouts {
  readonly round: number;
}

/** "MMAP" in ASCII. */
const MAGIC = 0x50414d4d;
const AT = {
  magic: 0, //     u32
  round: 4, //     u32
  points: 8, //    u32
  pcaReach: 12, // f32, the largest coordinate without its sign
  umapReach: 16, // f32
} as const;
const HEADER_BYTES = 20;
/** A coordinate is an integer from 0 (−reach) to this (+reach): wrong by at most reach / 65,534. */
const STEPS = 0xffff;

const layoutBytes = (points: number): number => points * 2 * 2;

/** Header, then the PCA layout and the UMAP layout as u16. Throws when they do not belong together. */
export function encodeMap({ round, pca, umap }: VersionMap): Uint8Array<ArrayBuffer> {
  const points = pca.length / 2;
  if (umap.length !== pca.length || points > MAP_POINTS) {
    throw new Error(
      `encodeMap: expected at most ${MAP_POINTS} points twice, received ${points} and ${umap.length / 2}`,
    );
  }
  const bytes = new Uint8Array(HEADER_BYTES + 2 * layoutBytes(points));
  const view = new DataView(bytes.buffer);
  view.setUint32(AT.magic, MAGIC, true);
  view.setUint32(AT.round, round, true);
  view.setUint32(AT.points, points, true);
  writeLayout(view, pca, AT.pcaReach, HEADER_BYTES);
  writeLayout(view, umap, AT.umapReach, HEADER_BYTES + layoutBytes(points));
  return bytes;
}

function writeLayout(view: DataView, layout: Float32Array, reachAt: number, at: number): void {
  const reach = layout.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  view.setFloat32(reachAt, reach, true);
  layout.forEach((value, i) => {
    const share = reach === 0 ? 0.5 : (value / reach + 1) / 2;
    view.setUint16(at + 2 * i, Math.round(share * STEPS), true);
  });
}

/** Undefined where the bytes are no map. */
export function decodeMap(bytes: Uint8Array): VersionMap | undefined {
  if (bytes.byteLength < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const points = view.getUint32(AT.points, true);
  const fits = points <= MAP_POINTS && bytes.byteLength === HEADER_BYTES + 2 * layoutBytes(points);
  if (view.getUint32(AT.magic, true) !== MAGIC || !fits) return undefined;
  const pca = readLayout(view, points, AT.pcaReach, HEADER_BYTES);
  const umap = readLayout(view, points, AT.umapReach, HEADER_BYTES + layoutBytes(points));
  return pca && umap && { round: view.getUint32(AT.round, true), pca, umap };
}

function readLayout(view: DataView, points: number, reachAt: number, at: number): Float32Array | undefined {
  const reach = view.getFloat32(reachAt, true);
  if (!Number.isFinite(reach) || reach < 0) return undefined;
  return Float32Array.from(
    { length: 2 * points },
    (_, i) => (view.getUint16(at + 2 * i, true) / STEPS) * 2 * reach - reach,
  );
}
