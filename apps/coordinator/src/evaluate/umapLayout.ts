/** Uniform manifold approximation and projection (McInnes, Healy, Melville 2018) by the library umap-js. */
import { centred } from '@murmur/core/evaluate/procrustes';
import { rowProducts, type Matrix } from '@murmur/core/evaluate/rowProducts';
import { uniformStream, type Key } from '@murmur/core/random/key';
import { UMAP } from 'umap-js';

/** Where the points begin, and how far they may go from there. */
export interface UmapStart {
  /** `[M, 2]` */
  readonly positions: Float32Array;
  readonly epochs: number;
  readonly learningRate: number;
}

const NEIGHBOURS = 15;
/** A neighbourhood of fewer points says nothing: they stay where they begin. */
const FEWEST_POINTS = 5;

/**
 * A layout `[M, 2]`, centred on zero, in which rows of length 1 that are near by cosine lie together. Neighbours are
 * exact, so that chance only picks the pairs which repel: the same key gives the same layout.
 */
export function umapLayout(rows: Matrix, start: UmapStart, from: Key): Float32Array {
  if (rows.rows < FEWEST_POINTS) return centred(start.positions);
  const nNeighbors = Math.min(NEIGHBOURS, rows.rows - 1);
  const { epochs: nEpochs, learningRate } = start;
  const umap = new UMAP({ nNeighbors, nEpochs, learningRate, random: uniformStream(from) });
  const { indices, distances } = nearest(rows, nNeighbors);
  umap.setPrecomputedKNN(indices, distances);
  // With neighbours given, only the number of rows is asked of the data.
  const epochs = umap.initializeFit(indices);
  // The library moves these very points at each step and has no other way to be told where they begin.
  const points = umap.getEmbedding();
  points.forEach((point, i) => point.splice(0, 2, ...start.positions.subarray(2 * i, 2 * i + 2)));
  for (let epoch = 0; epoch < epochs; epoch++) umap.step();
  return centred(Float32Array.from(points.flat()));
}

interface Neighbours {
  /** `[M][K]`, nearest first, each point itself before all others. */
  readonly indices: number[][];
  readonly distances: number[][];
}

function nearest(rows: Matrix, count: number): Neighbours {
  const cosines = rowProducts(rows, rows);
  const indices = Array.from({ length: rows.rows }, (_, row) => {
    const near = cosines.subarray(row * rows.rows, (row + 1) * rows.rows);
    const others = [...near.keys()].filter((i) => i !== row);
    others.sort((i, j) => (near[j] as number) - (near[i] as number) || i - j);
    return [row, ...others.slice(0, count - 1)];
  });
  const distance = (row: number, i: number): number =>
    i === row ? 0 : Math.sqrt(Math.max(0, 2 - 2 * (cosines[row * rows.rows + i] as number)));
  return { indices, distances: indices.map((near, row) => near.map((i) => distance(row, i))) };
}
