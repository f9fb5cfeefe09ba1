/** `murmur sweep`: runs configurations one after another and writes what came of them, row by row. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { manifestHash } from '../cli/openRun.ts';
import { Failure } from '../cli/failure.ts';
import { exists, fixedSettings } from '../cli/runDir.ts';
import { writeAtomically } from '../ingest/atomicFile.ts';
import { createCrew } from './crew.ts';
import type { Cell } from './factors.ts';
import { fill } from './fill.ts';
import { planSweep, type Sweep, type SweepFlags } from './planSweep.ts';
import { writeReport } from './report.ts';
import { openData, type DataParts, type SweepData } from './sweepData.ts';
import { fromCsv, type Row } from './table.ts';

export interface SweepParts extends DataParts {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A line for whoever waits. */
  readonly progress: (line: string) => void;
  /** One finished configuration, or the end. */
  readonly event: (event: SweepEvent) => void;
}

export type SweepEvent =
  | ({ readonly event: 'configuration' } & Row & { readonly done: number; readonly total: number })
  | { readonly event: 'swept'; readonly out: string; readonly sentence: string };

/** Runs what is not done yet, writes the report, resolves to the sentence. Throws sentences. */
export async function runSweep(request: SweepFlags, parts: SweepParts): Promise<string> {
  const sweep = planSweep(request, parts.env);
  const out = resolve(parts.cwd, request.out);
  await mkdir(out, { recursive: true });
  const csv = join(out, 'results.csv');
  const earlier = (await exists(csv)) ? fromCsv(await readFile(csv, 'utf8'), sweep.names, csv) : [];
  const data = await openData(sweep, parts);
  await claim(join(out, 'sweep.json'), describe(sweep, data, parts.cwd));
  const options = sweep.optionsOf(sweep.cells[0] as Cell);
  const { data: name, evalSamples } = options;
  const crew = createCrew(Math.min(request.jobs, sweep.cells.length), { data: name, evalSamples });
  const finished = (row: Row, done: number) =>
    parts.event({ event: 'configuration', ...row, done, total: sweep.cells.length });
  try {
    const rows = await fill({
      ...{ sweep, crew, csv, earlier, dirOf: data.dirOf },
      parts: { progress: parts.progress, finished },
    });
    const sentence = await writeReport({ ...request, ...sweep, out, rows, options, report: data.report });
    parts.event({ event: 'swept', out, sentence });
    return sentence;
  } finally {
    await crew.close();
  }
}

/** What all rows have in common; levels and seeds may be added later. */
function describe({ names, cells, optionsOf }: Sweep, { report }: SweepData, cwd: string): string {
  const options = optionsOf(cells[0] as Cell);
  const common = {
    ...fixedSettings(options, cwd),
    samples: options.target.amount,
    evalSamples: options.evalSamples,
    volunteers: options.volunteers,
    attack: options.attack,
    attackers: options.attackers,
    ...((options.attack !== 'none' || names.includes('attack')) && { spotChecks: options.spotChecks }),
    // Sweeps that were begun before there was such a thing go on.
    ...(options.overlap > 0 && { overlap: options.overlap }),
    data: manifestHash(report.manifest), // by what they are: their folder may move
  };
  const kept = Object.entries(common).filter(([name]) => !['seed', ...names].includes(name));
  return `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`;
}

/** Rows of different sweeps must not meet in one folder. */
async function claim(path: string, description: string): Promise<void> {
  const begun = await exists(join(dirname(path), 'results.csv'));
  if (!begun && !(await exists(path))) return writeAtomically(path, description);
  if ((await readFile(path, 'utf8').catch(() => '')) === description) return;
  throw new Failure(
    `${dirname(path)} holds a sweep with other settings or other data: name another folder with --out.`,
  );
}
