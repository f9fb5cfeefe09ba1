import { z } from 'zod';

export const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const peerId = z.string().regex(/^[a-z0-9]{4,24}$/);
export const roundNumber = z.number().int().min(1);

/** A slice `[start, end)` of the parameter vector, who reduces it (RD1), and who does when that one fails (RD7). */
export const part = z.object({
  start: z.number().int().min(0),
  end: z.number().int().positive(),
  owner: peerId,
  backup: peerId.optional(),
});

/** Examples `[start, start + count)` of a shard's seeded order in an epoch (SH2). */
export const lease = z.object({
  shard: hash,
  epoch: z.number().int().min(0),
  start: z.number().int().min(0),
  count: z.number().int().positive(),
});

/** Leases that a member can have in one round: few enough for one message, however small the shards. */
export const MOST_LEASES = 64;

/** Workers of one volunteer that are leased examples. */
export const MOST_WORKERS = 64;
export const workerCount = z.number().int().min(1).max(MOST_WORKERS).default(1);

export const member = z.object({
  peer: peerId,
  name: z.string().max(60),
  /** Among so many its leases are divided, so that what each trained on can be told again (AG3). */
  workers: workerCount,
  leases: z.array(lease).max(MOST_LEASES),
});

/** How owners make one pseudo-gradient of all contributions (AG2). */
export const aggregationRule = z.enum(['mean', 'trimmed-mean', 'median', 'centred-clip', 'krum']);

/** Everything that is fixed when a round opens; it never changes (RD1). */
export const roundManifest = z.object({
  run: z.string().max(64),
  round: roundNumber,
  base: hash,
  members: z.array(member).min(1).max(16),
  parts: z.array(part).min(1).max(64),
  codec: z.string().max(32),
  rule: aggregationRule.default('mean'),
  seed: z.number().int(),
  optimizer: z.enum(['adamw', 'sgd']),
  learningRate: z.number().nonnegative(),
  batchSize: z.number().int().positive(),
  minSteps: z.number().int().positive(),
  maxSteps: z.number().int().positive(),
  /** Wall-clock budgets in milliseconds from the receipt of the manifest, so that clocks need not agree. */
  trainMs: z.number().positive(),
  reduceMs: z.number().positive(),
});

/** One whose work counts in this round, with the hash of each encoded part (RD3, RD4). */
export const contributor = z.object({
  peer: peerId,
  samples: z.number().int().positive(),
  steps: z.number().int().positive(),
  hashes: z.array(hash).max(64),
});

export type Part = z.infer<typeof part>;
export type Lease = z.infer<typeof lease>;
export type Member = z.infer<typeof member>;
export type AggregationRule = z.infer<typeof aggregationRule>;
export type RoundManifest = z.infer<typeof roundManifest>;
export type Contributor = z.infer<typeof contributor>;
