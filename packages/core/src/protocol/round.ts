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

/** Members of one group; more volunteers make more groups. */
export const MOST_MEMBERS = 16;
export const MOST_GROUPS = 1024;
/** Of the reduce budget, for what groups do inside; the rest is for what they do together (GR2). */
export const GATHER_SHARE = 0.6;
const groupIndex = z
  .number()
  .int()
  .min(0)
  .max(MOST_GROUPS - 1);

/** Which of several groups the members of this manifest are, and whom this one may have to reach in others (GR1). */
export const groupPlace = z.object({
  index: groupIndex,
  count: z.number().int().min(2).max(MOST_GROUPS),
  neighbours: z.array(peerId).max(256),
});

/** A group's say in a part: how many contributors it had, or how many samples. */
const weightedGroup = z.object({ group: groupIndex, weight: z.number().positive().finite() });

/** One place in the tree in which what groups have made of a part becomes one (GR3). */
export const combinePlan = z.object({
  part: z.number().int().min(0),
  /** Plans of one part follow each other when somebody in them vanishes; only the last counts. */
  attempt: z.number().int().min(0).max(255),
  own: weightedGroup,
  /** Who is given the result: the coordinator where `null`. */
  parent: peerId.nullable(),
  children: z
    .array(z.object({ peer: peerId, groups: z.array(weightedGroup).min(1).max(MOST_GROUPS) }))
    .max(2),
  /** How long children are waited for, in milliseconds. */
  waitMs: z.number().nonnegative(),
});

/** Whom a member hands the update of a part outside of its own group (GR4). */
export const handOn = z.object({ part: z.number().int().min(0), to: z.array(peerId).max(2) });

/** How owners make one pseudo-gradient of all contributions (AG2). */
export const aggregationRule = z.enum(['mean', 'trimmed-mean', 'median', 'centred-clip', 'krum']);

/** Everything that is fixed when a round opens; it never changes (RD1). */
export const roundManifest = z.object({
  run: z.string().max(64),
  round: roundNumber,
  base: hash,
  members: z.array(member).min(1).max(MOST_MEMBERS),
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
  /** Left out where all members are one group. */
  group: groupPlace.optional(),
});

/** In the place of a hash that its receiver has nothing to check by. */
export const UNTOLD = '';

/** One whose work counts in this round, with the hash of each encoded part (RD3, RD4), or `UNTOLD`. */
export const contributor = z.object({
  peer: peerId,
  samples: z.number().int().positive(),
  steps: z.number().int().positive(),
  hashes: z.array(z.union([hash, z.literal(UNTOLD)])).max(64),
});

export type Part = z.infer<typeof part>;
export type Lease = z.infer<typeof lease>;
export type Member = z.infer<typeof member>;
export type AggregationRule = z.infer<typeof aggregationRule>;
export type RoundManifest = z.infer<typeof roundManifest>;
export type CombinePlan = z.infer<typeof combinePlan>;
export type HandOn = z.infer<typeof handOn>;
export type Contributor = z.infer<typeof contributor>;
