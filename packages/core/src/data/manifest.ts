import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** One immutable slice of the data set; `hash` is the SHA-256 of the compressed file and its name. */
export const shardEntry = z.object({
  hash: sha256,
  count: z.number().int().positive(),
  bytes: z.number().int().positive(),
});

/** What ingest writes and volunteers read: no label, no file name of the source. */
export const datasetManifest = z.object({
  format: z.literal('murmur-dataset-1'),
  name: z.string().min(1).max(200),
  /** Pictures are square, uint8, [side, side, channels]. */
  side: z.number().int().min(8).max(512),
  channels: z.union([z.literal(1), z.literal(3)]),
  patch: z.number().int().positive(),
  /** Per channel, of pixels scaled to [0, 1], over the training pictures. */
  mean: z.array(z.number()).min(1).max(3),
  std: z.array(z.number().positive()).min(1).max(3),
  seed: z.number().int(),
  /** Classes of the labels; absent where the data have none. */
  classCount: z.number().int().min(2).optional(),
  shards: z.array(shardEntry).min(1),
});

export type ShardEntry = z.infer<typeof shardEntry>;
export type DatasetManifest = z.infer<typeof datasetManifest>;

export const exampleCount = (manifest: DatasetManifest): number =>
  manifest.shards.reduce((total, shard) => total + shard.count, 0);
