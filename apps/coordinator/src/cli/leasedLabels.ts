import type { IngestReport } from '../ingest/ingestReport.ts';

/** Said aloud wherever labels leave this machine. */
export const LABELS_LEASED =
  'The labels of the training pictures are leased to volunteers, because --objective supervised learns from them.';

/** Throws (a bug) where data carry labels in a run that must not have them, or the other way round (SH3). */
export function checkLabels({ manifest }: Pick<IngestReport, 'manifest'>, withLabels: boolean): void {
  const labelled = manifest.classCount !== undefined;
  if (labelled === withLabels) return;
  const words = (yes: boolean) => (yes ? 'labels' : 'no labels');
  throw new Error(
    `checkLabels: expected shards with ${words(withLabels)}, ingest made them with ${words(labelled)}`,
  );
}
