/**
 * AG6: what a contributor says that it trained, trained again from the seed, the leases and the base. AdamW's moments stay
 * with a volunteer from round to round, so that its earlier rounds are trained again first; moments fade, and
 * `RECALLED_STEPS` of them are enough.
 */
import { averageContributions } from '../aggregate/average.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { Work, WorkOrder } from '../volunteer/ports.ts';
import type { EngineTrainer } from './engine.ts';
import type { ShardStore } from './shardStore.ts';
import { createShift } from './shift.ts';
import { cannotTrain, workOrders } from './training.ts';

/** One round of one volunteer. */
export interface Stint {
  readonly manifest: RoundManifest;
  readonly leases: readonly Lease[];
  /** Among so many its leases were divided. */
  readonly workers: number;
  /** That all of them have trained on. */
  readonly samples: number;
  /** The parameters of `manifest.base`, in schema order. */
  readonly base: Float32Array;
}

export interface RecomputeHost {
  /** One for each worker, since each has moments of its own. */
  makeTrainer(): Promise<EngineTrainer>;
  readonly shards: ShardStore;
  /** Asked after every step: whether this has taken too long. */
  isOver(): boolean;
}

export type Recomputed =
  | { readonly kind: 'recomputed'; readonly gradient: Float32Array }
  | { readonly kind: 'failed'; readonly sentence: string };

const failed = (sentence: string): Recomputed => ({ kind: 'failed', sentence });

/** The pseudo-gradient of the last of these rounds, in schema order; the earlier ones, oldest first, are there for the moments. */
export async function recompute(host: RecomputeHost, stints: readonly Stint[]): Promise<Recomputed> {
  const last = stints.at(-1);
  if (!last) throw new Error('recompute: expected a round, received none');
  for (const { manifest, leases } of stints) {
    const problem = cannotTrain(manifest, leases, host.shards);
    if (problem !== undefined) return failed(problem);
  }
  const works: Work[] = [];
  for (let worker = 0; worker < ordersOf(host, last).length; worker++) {
    const work = await workAgain(host, stints, worker);
    if ('sentence' in work) return failed(work.sentence);
    works.push(work);
  }
  const gradient = averageContributions(works.map((work) => ({ ...work, values: work.gradient })));
  return { kind: 'recomputed', gradient };
}

/** What this worker did in the last round, after what it did in those before. */
async function workAgain(
  host: RecomputeHost,
  stints: readonly Stint[],
  worker: number,
): Promise<Work | { readonly sentence: string }> {
  const shift = createShift({ throttle: () => 1, isDeviceLost: () => false });
  const trainer = await host.makeTrainer();
  const stop = (): void => void (host.isOver() && shift.cancel());
  try {
    let work: Work | undefined;
    for (const stint of stints) {
      const order = ordersOf(host, stint)[worker];
      if (!order) continue;
      const done = await shift.work(trainer, order, stop);
      if (host.isOver()) return { sentence: 'It took too long.' };
      if (done.kind !== 'worked')
        return { sentence: done.kind === 'failed' ? done.sentence : 'It was stopped.' };
      work = done;
    }
    return work ?? { sentence: 'There was nothing to train.' };
  } finally {
    trainer.dispose();
  }
}

/** The orders of a round, each with as many steps as account for the samples: which worker was slower nobody has said. */
function ordersOf(
  { shards }: RecomputeHost,
  { manifest, leases, workers, samples, base }: Stint,
): WorkOrder[] {
  const orders = workOrders(manifest, leases, { params: base, shards, workers });
  const all = Math.round(samples / (orders[0]?.batchSize ?? 1));
  return orders.flatMap((order, i) => {
    const steps = Math.floor(all / orders.length) + Number(i < all % orders.length);
    return steps > 0 ? [withSteps(order, Math.min(steps, order.maxSteps))] : [];
  });
}

function withSteps(order: WorkOrder, steps: number): WorkOrder {
  const { pictures, labels, maxSteps, batchSize } = order;
  return {
    ...order,
    pictures: pictures.subarray(0, (pictures.length / maxSteps) * steps),
    ...(labels && { labels: labels.subarray(0, steps * batchSize) }),
    minSteps: steps,
    maxSteps: steps,
    budgetMs: Number.MAX_SAFE_INTEGER,
  };
}
