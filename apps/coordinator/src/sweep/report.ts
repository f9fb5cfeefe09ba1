import { join } from 'node:path';
import { testCount } from '@murmur/core/evaluate/score';
import { writeAtomically } from '../ingest/atomicFile.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import { chartSvg } from './chart.ts';
import type { SweepOptions } from './sweepSettings.ts';
import { evaluationCount } from './evaluationPictures.ts';
import type { Factor, VariedName } from './factors.ts';
import { summarise, type Row } from './table.ts';
import { findingSentence, findingTable, percent } from './words.ts';

export interface Report {
  readonly out: string;
  readonly title: string | undefined;
  readonly command: string;
  readonly factors: readonly Factor[];
  readonly names: readonly VariedName[];
  readonly rows: readonly Row[];
  readonly options: SweepOptions;
  /** Of the data of the first configuration. */
  readonly report: IngestReport;
}

/** What all configurations have in common. */
function commonWords({ report: { manifest }, options, names, rows }: Report): string {
  const varied = new Set<string>(names);
  const batch =
    options.batchSize === undefined ? `joint batch ${options.jointBatch}` : `batch ${options.batchSize} each`;
  const seeds = new Set(rows.map((row) => row.seed)).size;
  const common = {
    objective: options.objective,
    preset: options.preset,
    volunteers: `${options.volunteers} volunteers`,
    innerSteps: `${options.innerSteps} inner steps`,
    codec: options.codec,
    aggregate: `aggregate ${options.aggregate}`,
    ...attackWords(options, varied),
    ...(options.overlap > 0 && { overlap: `${percent(options.overlap)} % of the steps during the exchange` }),
    patch: `patches of ${manifest.patch}`,
  };
  const fixed = Object.entries(common).flatMap(([name, words]) => (varied.has(name) ? [] : [words]));
  const samples = `${options.target.amount.toLocaleString('en')} samples`;
  return [
    manifest.name,
    ...fixed,
    ...(varied.has('batchSize') || varied.has('jointBatch') ? [] : [batch]),
    samples,
    seeds === 1 ? 'one seed' : `${seeds} seeds`,
  ].join(' · ');
}

function attackWords(
  { attack, attackers, spotChecks }: SweepOptions,
  varied: ReadonlySet<string>,
): Record<string, string> {
  if (attack === 'none' && !varied.has('attack')) return {};
  return {
    attack: `attack ${attack}`,
    attackers: `attackers ${percent(attackers)} %`,
    spotChecks: spotChecks > 0 ? `spot checks ${percent(spotChecks)} % of the time` : 'no spot checks',
  };
}

/** Writes chart.svg and README.md beside the rows; resolves to the sentence. */
export async function writeReport(report: Report): Promise<string> {
  const { out, names, rows, factors, options } = report;
  const { manifest, counts } = report.report;
  const summaries = summarise(names, rows);
  const title = report.title ?? `${names.join(', ')} on ${manifest.name}`;
  const tests = testCount(evaluationCount(counts.evaluation, manifest.side, options));
  const findings = { names, summaries, rows, tests };
  const sentence = findingSentence(findings);
  await writeAtomically(join(out, 'chart.svg'), chartSvg({ title, factors, summaries, rows }));
  const page = [
    `# ${title}`,
    sentence,
    '![Probe accuracy of every configuration](chart.svg)',
    `${commonWords(report)}. Means ± standard deviation over the seeds. Every row: [results.csv](results.csv).`,
    findingTable(findings),
    `Made by\n\n\`\`\`\n${report.command}\n\`\`\``,
  ];
  await writeAtomically(join(out, 'README.md'), `${page.join('\n\n')}\n`);
  return sentence;
}
