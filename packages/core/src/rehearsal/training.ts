/** A round's training in a rehearsal: volunteers take their turns in this thread. */
import { openRound, startOf, NOTHING_CARRIED } from '../engine/carried.ts';
import type { EngineTrainer } from '../engine/engine.ts';
import { createShift } from '../engine/shift.ts';
import type { ShardStore } from '../engine/shardStore.ts';
import { workOrders } from '../engine/training.ts';
import type { Lease, RoundManifest } from '../protocol/round.ts';
import { lease, type LeaseBook } from '../round/leases.ts';
import type { Carried, Work } from '../volunteer/ports.ts';
import type { RehearsalHost, RehearsalPlan } from './plan.ts';

/** One that is still in. */
export interface Member {
  readonly peer: string;
  readonly trainer: EngineTrainer;
  readonly attacks: boolean;
}

/** What is the same in every round. */
export interface Rehearsal {
  readonly plan: RehearsalPlan;
  readonly host: RehearsalHost;
  readonly members: readonly Member[];
}

/** Steps of a round that are taken from its version, and those that go on while it is exchanged. */
export const stepsOf = ({
  innerSteps,
  overlap,
}: RehearsalPlan): { readonly own: number; readonly ahead: number } => {
  const ahead = Math.min(innerSteps - 1, Math.round(overlap * innerSteps));
  return { own: innerSteps - ahead, ahead };
};

const stored = ({ shards }: RehearsalHost): ShardStore => ({
  get: (hash) => shards.get(hash),
  add: () => false,
  missing: () => [],
});

async function work(
  { host }: Rehearsal,
  trainer: EngineTrainer,
  { manifest, leases, params }: { manifest: RoundManifest; leases: readonly Lease[]; params: Float32Array },
): Promise<Work> {
  const [order] = workOrders(manifest, leases, { params, shards: stored(host), workers: 1 });
  if (order === undefined) throw new Error('rehearse: expected an order, received none');
  const shift = createShift({ throttle: () => 1, isDeviceLost: () => false });
  const done = await shift.work(trainer, order, () => undefined);
  if (done.kind !== 'worked') throw new Error(done.kind === 'failed' ? done.sentence : 'rehearse: cancelled');
  return done;
}

/** Where a round begins. */
export interface Start {
  readonly params: Float32Array;
  readonly book: LeaseBook;
  /** Of each volunteer, by name. */
  readonly carried: ReadonlyMap<string, Carried>;
}

export interface Trained {
  readonly works: readonly Work[];
  /** What each does after its work, while that is exchanged. */
  readonly aheads: readonly (Work | undefined)[];
  readonly book: LeaseBook;
}

/** Every volunteer in turn, from the version less what it carries, and on from where it then stands. */
export async function trainAll(
  rehearsal: Rehearsal,
  { params, book, carried }: Start,
  manifest: RoundManifest,
): Promise<Trained> {
  const { plan, members } = rehearsal;
  const steps = stepsOf(plan);
  const works: Work[] = [];
  const aheads: (Work | undefined)[] = [];
  let leased = book;
  for (const { peer, trainer } of members) {
    const go = (count: number, from: Float32Array): Promise<Work> => {
      const given = lease(leased, peer, manifest.batchSize * count);
      leased = given.book;
      const asked = { manifest: { ...manifest, minSteps: count, maxSteps: count }, leases: given.leases };
      return work(rehearsal, trainer, { ...asked, params: from });
    };
    const start = startOf(params, openRound(carried.get(peer) ?? NOTHING_CARRIED, manifest.round));
    const own = await go(steps.own, start);
    const local = start.map((value, k) => value - (own.gradient[k] as number));
    works.push(own);
    aheads.push(steps.ahead === 0 ? undefined : await go(steps.ahead, local));
  }
  return { works, aheads, book: leased };
}
