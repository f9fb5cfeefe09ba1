import { z } from 'zod';

const whole = z.number().int().min(0);

/** The lease book as the store keeps it (`LeaseBook` of core/round/leases). */
export const leaseBook = z.object({
  epoch: whole,
  shards: z.array(z.object({ hash: z.string(), count: z.number().int().positive() })),
  free: z.array(z.object({ shard: whole, epoch: whole, start: whole, end: whole })),
  held: z.record(z.string(), whole),
});
