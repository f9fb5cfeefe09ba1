import type { DatasetManifest } from '@murmur/core/data/manifest';
import { exampleCount } from '@murmur/core/data/manifest';
import type { ScoreRecord } from '@murmur/core/protocol/operator';
import type { RoundRecord } from '@murmur/core/protocol/run';

/** What `--json` prints, an object a line. */
export type JsonEvent =
  | { event: 'data'; name: string; examples: number; shards: number; side: number; channels: number }
  | {
      event: 'ready';
      urls: { join: readonly string[]; operator: string };
      tokens: { operator: string; join?: string };
      run: string;
      runDir: string;
      port: number;
    }
  | {
      event: 'round';
      round: number;
      version: string;
      loss: number | null;
      volunteers: number;
      samples: number;
      samplesPerSecond: number;
      meshBytes: number;
      relayBytes: number;
      coordinatorBytes: number;
      /** Only of an abandoned round. */
      reason?: string;
    }
  | ({
      event: 'score';
      round: number;
      knn: number;
      probe: number;
      baselines: ScoreRecord['baselines'];
    } & Pick<ScoreRecord, 'intervals' | 'token'>)
  | { event: 'score'; round: number; note: string }
  | {
      event: 'done';
      rounds: number;
      version: string;
      export: string;
      /** What the run came to; none without scores. */
      sentence?: string;
    }
  | { event: 'error'; sentence: string };

export const dataEvent = (manifest: DatasetManifest): JsonEvent => ({
  event: 'data',
  name: manifest.name,
  examples: exampleCount(manifest),
  shards: manifest.shards.length,
  side: manifest.side,
  channels: manifest.channels,
});

export const roundEvent = (record: RoundRecord): JsonEvent => ({
  event: 'round',
  round: record.round,
  version: record.version,
  loss: record.loss,
  volunteers: record.volunteers,
  samples: record.samples,
  samplesPerSecond: record.samplesPerSecond,
  meshBytes: record.meshBytes,
  relayBytes: record.relayBytes,
  coordinatorBytes: record.coordinatorBytes,
  ...(record.reason === null ? {} : { reason: record.reason }),
});

export const scoreEvent = ({ round, knn, probe, baselines, intervals, token }: ScoreRecord): JsonEvent => ({
  event: 'score',
  round,
  knn,
  probe,
  baselines,
  ...(intervals && { intervals }),
  ...(token && { token }),
});
