import { exampleOrder, gatherBatch } from '../data/batchOrder.ts';
import { pictureByteCount } from '../data/shardLayout.ts';
import { fold, key } from '../random/key.ts';
import type { ShardPictures } from '../data/shard.ts';
import type { HandOver } from '../volunteer/ports.ts';
import type { Preview } from '../volunteer/view.ts';
import type { EngineTrainer } from './engine.ts';

const PREVIEW_COUNT = 8;

/** A few pictures that stay the same, with the same mask, for as long as a volunteer is here. */
export type PreviewPictures = NonNullable<HandOver['pictures']>;

/** The first pictures of a shard's seeded order. Copies them, so that the shard may go. */
export function previewPictures(seed: number, hash: string, shard: ShardPictures): PreviewPictures {
  const { side, channels } = shard;
  const indices = exampleOrder(seed, hash, 0, shard.count).subarray(0, PREVIEW_COUNT);
  const pixels = gatherBatch(shard.pixels, indices, pictureByteCount(side, channels));
  return { count: indices.length, side, channels, pixels };
}

/** What the model makes of the pictures now. */
export async function makePreview(
  trainer: EngineTrainer,
  params: Float32Array,
  pictures: PreviewPictures,
  round: number,
): Promise<Preview> {
  const { count, side, channels, pixels } = pictures;
  const made = await trainer.preview(params, pixels, fold(key(count), 'preview'));
  const { original, masked, predicted } = made;
  return { round, count, side, channels, original, masked, predicted };
}
