import { fold, key, permutation } from '../random/key.ts';

/**
 * The order in which the examples of one shard are visited in one epoch: a permutation of 0..count-1 that
 * every machine computes alike, so that work can be recomputed from seed, shard and epoch (AG3).
 */
export function exampleOrder(seed: number, shardHash: string, epoch: number, count: number): Uint32Array {
  const shardKey = fold(fold(key(seed), 'example order'), shardHash);
  return permutation(fold(shardKey, epoch), count);
}

/** Copies the pictures at `indices` side by side: uint8 [indices.length, pictureBytes]. */
export function gatherBatch(pixels: Uint8Array, indices: Uint32Array, pictureBytes: number): Uint8Array {
  const count = pixels.length / pictureBytes;
  const batch = new Uint8Array(indices.length * pictureBytes);
  indices.forEach((index, i) => {
    if (index >= count) throw new Error(`gatherBatch: index ${index} is outside the ${count} pictures given`);
    batch.set(pixels.subarray(index * pictureBytes, (index + 1) * pictureBytes), i * pictureBytes);
  });
  return batch;
}

/** The labels at `indices` side by side: uint16 [indices.length]. */
export function gatherLabels(labels: Uint16Array, indices: Uint32Array): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(indices, (index) => {
    const label = labels[index];
    if (label !== undefined) return label;
    throw new Error(`gatherLabels: index ${index} is outside the ${labels.length} labels given`);
  });
}
