import type { Lease, RoundManifest } from '../protocol/round.ts';
import type { EnginePort, FetchPort, PartContribution, ReduceResult, TrainResult } from './ports.ts';

/** How often a shard that arrives damaged is fetched again. */
const SHARD_ATTEMPTS = 3;

/** What a round asks of the worker and the network together. */
export interface RoundWork {
  /** Fetches a version and loads it; false when it is not what its name says, or not wanted any more when it arrives. */
  load(version: string, isWanted: () => boolean): Promise<boolean>;
  train(
    manifest: RoundManifest,
    self: string,
    onStep: (step: number, samples: number, loss: number) => void,
  ): Promise<TrainResult>;
  reduce(
    manifest: RoundManifest,
    part: number,
    contributions: readonly PartContribution[],
  ): Promise<ReduceResult>;
  /** What groups have made of a part, each of its weight in `samples`, as one (GR3). */
  combine(manifest: RoundManifest, part: number, results: readonly PartContribution[]): Promise<ReduceResult>;
  /** Ends training, also one that still fetches its shards. */
  cancel(): Promise<void>;
}

export function createRoundWork({
  engine,
  fetch,
  log,
}: {
  engine: EnginePort;
  fetch: FetchPort;
  log: (sentence: string) => void;
}): RoundWork {
  /** The round to train for: shards of an earlier one may arrive late, and must not begin its training then. */
  let wanted: RoundManifest | undefined;

  async function provideShard(hash: string): Promise<void> {
    for (let attempt = 0; attempt < SHARD_ATTEMPTS; attempt++) {
      if (await engine.addShard(hash, await fetch.shard(hash))) return;
      log(`Shard ${hash.slice(0, 8)} arrived damaged and is fetched again.`);
      await fetch.forgetShard(hash);
    }
    throw new Error(
      `Shard ${hash.slice(0, 8)} arrived damaged ${SHARD_ATTEMPTS} times. Check the network between here and the coordinator.`,
    );
  }

  async function provideShards(leases: readonly Lease[]): Promise<void> {
    for (const hash of await engine.missingShards(leases)) await provideShard(hash);
  }

  return {
    async load(version, isWanted) {
      const snapshot = await fetch.snapshot(version);
      if (!isWanted()) return false;
      const loaded = await engine.load(snapshot, version);
      if (loaded.kind === 'failed') log(loaded.sentence);
      return loaded.kind === 'loaded';
    },
    async train(manifest, self, onStep) {
      const leased = manifest.members.find((m) => m.peer === self) ?? { leases: [], workers: 1 };
      wanted = manifest;
      await provideShards(leased.leases);
      return wanted === manifest ? engine.train(manifest, leased, onStep) : { kind: 'cancelled' };
    },
    cancel() {
      wanted = undefined;
      return engine.cancel();
    },
    reduce(manifest, part, contributions) {
      const { start, end } = manifest.parts[part] ?? { start: 0, end: 0 };
      const { codec, rule } = manifest;
      return engine.reduce({ codec, rule }, end - start, part, contributions);
    },
    combine({ parts, codec }, part, results) {
      const { start, end } = parts[part] ?? { start: 0, end: 0 };
      return engine.reduce({ codec, rule: 'combine' }, end - start, part, results);
    },
  };
}
