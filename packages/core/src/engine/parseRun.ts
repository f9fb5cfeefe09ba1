import { datasetManifest } from '../data/manifest.ts';
import { modelSpec } from '../models/modelSpec.ts';
import type { DatasetManifest } from '../data/manifest.ts';
import type { ModelSpec } from '../models/modelSpec.ts';
import type { RunInfo } from '../protocol/run.ts';

export interface ParsedRun {
  readonly spec: ModelSpec;
  readonly dataset: DatasetManifest;
}

/** Parses what the run says of its model and data; throws a sentence where this build cannot read it. */
export function parseRun(run: RunInfo): ParsedRun {
  const spec = modelSpec.safeParse(run.model);
  const dataset = datasetManifest.safeParse(run.dataset);
  const issue = (spec.error ?? dataset.error)?.issues[0];
  if (spec.success && dataset.success) return { spec: spec.data, dataset: dataset.data };
  const where = spec.success ? 'data set' : 'model';
  throw new Error(
    `The ${where} of run ${run.run} cannot be read (${issue?.path.join('.')}: ${issue?.message}). Reload the page to fetch the right version.`,
  );
}
