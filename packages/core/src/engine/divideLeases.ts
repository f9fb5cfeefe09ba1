import type { Lease } from '../protocol/round.ts';

/** Where a batch has to be cut: a smaller one keeps no core busy, rather fewer workers. */
const LEAST_BATCH = 8;

export interface Division {
  /** What each worker trains on, in its order; no example is in two of them. */
  readonly shares: readonly (readonly Lease[])[];
  readonly batchSize: number;
  /** Of every worker. */
  readonly maxSteps: number;
}

export interface DivisionRules {
  readonly workers: number;
  readonly batchSize: number;
  readonly minSteps: number;
  readonly maxSteps: number;
}

const examplesOf = (leases: readonly Lease[]): number => leases.reduce((sum, { count }) => sum + count, 0);

/**
 * Cuts leases among workers. A batch goes round the workers before the next one begins, so that equally fast workers
 * have together trained on the first examples of the leases, which is what the coordinator counts as seen (SH2).
 * Each worker's batch is the run's, and only so many work as the leases hold whole batches for. Leases that hold them
 * for one worker only are of a small data set: then the batch is cut, and that of all together is the run's (RD2).
 */
export function divideLeases(leases: readonly Lease[], rules: DivisionRules): Division {
  const { batchSize, minSteps, maxSteps } = rules;
  const examples = examplesOf(leases);
  const holding = (batch: number) => Math.floor(examples / (maxSteps * batch));
  const whole = holding(batchSize);
  const most = whole >= 2 ? whole : holding(Math.min(LEAST_BATCH, batchSize));
  const workers = Math.max(1, Math.min(rules.workers, most));
  if (workers === 1) {
    // No example twice in a round while there are others.
    const steps = Math.max(minSteps, Math.min(maxSteps, Math.floor(examples / batchSize)));
    return { shares: [leases], batchSize, maxSteps: steps };
  }
  const ownBatch = Math.min(batchSize, Math.floor(examples / (maxSteps * workers)));
  const turns = Array.from({ length: maxSteps }, (_, step) => step * workers);
  const shares = Array.from({ length: workers }, (_, worker) =>
    turns.flatMap((turn) => cut(leases, (turn + worker) * ownBatch, ownBatch)),
  );
  return { shares, batchSize: ownBatch, maxSteps };
}

/** Examples `[from, from + count)` of the leases taken one after the other. */
function cut(leases: readonly Lease[], from: number, count: number): Lease[] {
  let begin = 0;
  return leases.flatMap((lease) => {
    const start = Math.max(from - begin, 0);
    const end = Math.min(from + count - begin, lease.count);
    begin += lease.count;
    return end > start ? [{ ...lease, start: lease.start + start, count: end - start }] : [];
  });
}
