import type { Ban } from '@murmur/core/protocol/operator';
import type { RoundRecord, RunPhase } from '@murmur/core/protocol/run';
import { createLeaseBook, type LeaseBook } from '@murmur/core/round/leases';
import type { RoundState } from '@murmur/core/round/state';
import type { RunHead, StoredRun } from '../store/runStore.ts';
import { leaseBook } from './leaseBook.ts';
import type { RunOptions } from './options.ts';
import { storeFirstVersion } from './versionKeeper.ts';

/** The books of a run: writes go to the store one after another, in the order in which they were asked for. */
export interface Ledger {
  /** A committed round; resolves once it is durable. */
  commit(head: RunHead, record: RoundRecord, leases: LeaseBook): Promise<void>;
  /** The final figures of a round that is committed, or the whole of one that was abandoned. */
  close(state: RoundState, record: RoundRecord): Promise<void>;
  setPhase(phase: RunPhase): Promise<void>;
  addBan(ban: Ban): Promise<void>;
  liftBan(peer: string): Promise<void>;
  /** Resolves when nothing is left to write. */
  settled(): Promise<void>;
}

export function createLedger({ info, store }: Pick<RunOptions, 'info' | 'store'>): Ledger {
  let last: Promise<void> = Promise.resolve();
  function write(work: () => Promise<void>): Promise<void> {
    const done = last.then(work);
    last = done.catch(() => undefined); // whoever asked for the write meets its failure
    return done;
  }
  return {
    commit: (head, record, leases) => write(() => store.commit(head, record, leases)),
    close(state, record) {
      const head = headOf(info.run, state);
      if (record.reason === null) return write(() => store.amend(head, record));
      return write(() => store.commit(head, record, state.leases));
    },
    setPhase: (phase) => write(() => store.setPhase(phase)),
    addBan: (ban) => write(() => store.addBan(ban)),
    liftBan: (peer) => write(() => store.liftBan(peer)),
    settled: () => last,
  };
}

export const headOf = (
  run: string,
  { round, version, samplesDone, trainedMs, phase }: RoundState,
): RunHead => ({
  run,
  round,
  version,
  samplesDone,
  trainedMs,
  phase,
});

export type OpenedRun = Omit<StoredRun, 'leases'> & { readonly leases: LeaseBook };

/** The run in the store, made when there is none. */
export async function openStoredRun(options: RunOptions, initial: Float32Array): Promise<OpenedRun> {
  const { store, info, config } = options;
  const found = await store.load();
  // Nobody is here yet, so nobody holds a shard.
  if (found) return { ...found, leases: { ...leaseBook.parse(found.leases), held: {} } };
  const version = await storeFirstVersion(options, initial);
  const phase = options.startPaused ? 'paused' : 'running';
  const head: RunHead = { run: info.run, round: 0, version, samplesDone: 0, trainedMs: 0, phase };
  const leases = createLeaseBook(options.shards);
  await store.create(config, head, leases);
  return { config, head, leases, records: [], scores: [], bans: [] };
}
