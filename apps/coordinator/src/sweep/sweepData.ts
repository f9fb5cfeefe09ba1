/** The data sets of a sweep: one for each shape that its configurations cut pictures into. */
import { join, resolve } from 'node:path';
import { leasesLabels } from '@murmur/core/models/leasesLabels';
import type { ServeOptions } from '../cli/resolveOptions.ts';
import type { IngestOptions } from '../ingest/ingest.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import type { Sweep } from './planSweep.ts';

export interface DataParts {
  readonly cwd: string;
  ingest(options: IngestOptions): Promise<IngestReport>;
  readonly ingestReporter: () => IngestReporter;
}

export interface SweepData {
  /** Of the first configuration. */
  readonly report: IngestReport;
  dirOf(options: ServeOptions): string;
}

const keyOf = ({ data, imageSize, patch }: ServeOptions): string =>
  [data, imageSize ?? '', patch ?? '']
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-80);

/** Cuts the data as each configuration wants them; what was cut before is not cut again. Throws sentences. */
export async function openData({ cells, optionsOf }: Sweep, parts: DataParts): Promise<SweepData> {
  const all = cells.map(optionsOf);
  const withLabels = all.some(({ objective }) => leasesLabels(objective));
  const dirOf = (options: ServeOptions) => join(parts.cwd, '.murmur', 'sweep-data', keyOf(options));
  const reports = new Map<string, IngestReport>();
  for (const options of all) {
    const outDir = dirOf(options);
    if (!reports.has(outDir)) reports.set(outDir, await cut(options, { outDir, withLabels }, parts));
  }
  const [report] = reports.values();
  if (report === undefined) throw new Error('openData: expected at least one configuration');
  return { report, dirOf };
}

async function cut(
  { data, imageSize, patch }: ServeOptions,
  where: { readonly outDir: string; readonly withLabels: boolean },
  parts: DataParts,
): Promise<IngestReport> {
  const reporter = parts.ingestReporter();
  try {
    return await parts.ingest({
      ...where,
      source: data === 'glyphs' ? data : resolve(parts.cwd, data),
      // One split for all seeds: they shall differ in what is drawn, not in what is asked.
      seed: 0,
      ...(imageSize === undefined ? {} : { imageSize }),
      ...(patch === undefined ? {} : { patch }),
      onProgress: (progress) => reporter.update(progress),
    });
  } finally {
    reporter.stop();
  }
}
