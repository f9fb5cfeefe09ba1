import { z } from 'zod';
import { datasetManifest } from '@murmur/core/data/manifest';

/** What ingest did, for a person and for the coordinator; holds no label of any picture. */
export const ingestReport = z.object({
  manifest: datasetManifest,
  counts: z.object({ training: z.number(), evaluation: z.number(), skipped: z.number() }),
  /** The first unreadable pictures; counts.skipped says how many there are. */
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  /** Whether the evaluator has labels to score against. */
  labelled: z.boolean(),
  /** Sentences that a person should read. */
  notes: z.array(z.string()),
  /** An earlier result for the same files and options was found whole and used again. */
  reused: z.boolean(),
});

export type IngestReport = z.infer<typeof ingestReport>;
