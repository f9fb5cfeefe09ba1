import type { Stint } from '@murmur/core/engine/recompute';
import type { ModelSpec } from '@murmur/core/models/modelSpec';
import type { Part } from '@murmur/core/protocol/round';
import type { Dataset } from '../ingest/dataset.ts';
import { createLearningThread } from './learningThread.ts';

/** Trains again what volunteers say that they trained (AG6), in a thread of its own, which starts with the first call. */
export interface Recomputer {
  /** The pseudo-gradient of the last round, of this part. Rejects with LearningError, also where it takes too long. */
  recompute(stints: readonly Stint[], part: Part): Promise<Float32Array>;
  close(): Promise<void>;
}

/** What takes longer is given up: nobody is judged by it. */
const DEADLINE_MS = 5 * 60_000;

export function createRecomputer(
  { dataset, spec }: { readonly dataset: Dataset; readonly spec: ModelSpec },
  start = createLearningThread,
): Recomputer {
  const thread = start({ spec, wasmPath: undefined, labelled: undefined });
  const { manifest, shardPath } = dataset;
  return {
    async recompute(stints, part) {
      const names = new Set(stints.flatMap(({ leases }) => leases.map(({ shard }) => shard)));
      const files = Object.fromEntries(
        [...names].flatMap((name) => {
          const path = shardPath(name);
          return path === undefined ? [] : [[name, path]];
        }),
      );
      const value = await thread.call({
        ...{ type: 'recompute', stints, part, files, dataset: manifest, deadlineMs: DEADLINE_MS },
      });
      if (value.type !== 'recomputed')
        throw new Error(`recomputer: expected a gradient, received ${value.type}`);
      return value.gradient;
    },
    close: () => thread.close(),
  };
}
