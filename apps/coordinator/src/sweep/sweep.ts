/** `murmur sweep`: runs configurations one after another and writes what came of them, row by row. */
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { resolveOptions, type ServeOptions } from '../cli/resolveOptions.ts';
import { Failure, usageFailure } from '../cli/failure.ts';
import { exists, fixedSettings } from '../cli/runDir.ts';
import type { SettingName } from '../cli/settings.ts';
import { leasesLabels } from '@murmur/core/models/leasesLabels';
import { writeAtomically } from '../ingest/atomicFile.ts';
import type { IngestOptions } from '../ingest/ingest.ts';
import type { IngestReport } from '../ingest/ingestReport.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { createCrew, type Crew } from './crew.ts';
import { cellsOf, parseFactor, type Cell, type Factor } from './factors.ts';
import type { RunResult, Shares } from './messages.ts';
import { writeReport } from './report.ts';
import { fromCsv, sameCell, toCsv, type Row } from './table.ts';

export interface SweepFlags {
  /** Settings of `serve` that all configurations share, as flags give them. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly vary: readonly string[];
  readonly seeds: number;
  readonly jobs: number;
  readonly out: string;
  readonly title: string | undefined;
  /** The command as it was given, for the report. */
  readonly command: string;
}

export interface SweepParts {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  ingest(options: IngestOptions): Promise<IngestReport>;
  readonly ingestReporter: () => IngestReporter;
  /** A line for whoever waits. */
  readonly progress: (line: string) => void;
  /** One finished configuration, or the end. */
  readonly event: (event: SweepEvent) => void;
}

export type SweepEvent =
  | ({ readonly event: 'configuration' } & Row & { readonly done: number; readonly total: number })
  | { readonly event: 'swept'; readonly out: string; readonly sentence: string };

export interface Sweep {
  readonly factors: readonly Factor[];
  readonly names: readonly SettingName[];
  readonly cells: readonly Cell[];
  /** Of each cell, with its seed. */
  optionsOf(cell: Cell): ServeOptions;
}

/** What a rehearsal has no clock for. */
const DEFAULTS = { samples: '60000', innerSteps: '2', volunteers: '2' };

/** Everything that the flags say, checked before anything runs. Throws a usage failure. */
export function planSweep(request: SweepFlags, env: SweepParts['env']): Sweep {
  if (request.vary.length === 0)
    throw usageFailure('sweep needs at least one --vary NAME=VALUE,VALUE…: for example maskRatio=0.5,0.75.');
  const factors = request.vary.map(parseFactor);
  const names = factors.flatMap((factor) => factor.names);
  const seeds = Array.from({ length: request.seeds }, (_, seed) => seed);
  const cells = cellsOf(factors, seeds);
  const optionsOf = (cell: Cell): ServeOptions => {
    const flags = { ...DEFAULTS, ...request.flags, ...cell.levels, seed: String(cell.seed) };
    return checked(resolveOptions({ flags, env, file: undefined }));
  };
  cells.forEach(optionsOf);
  return { factors, names, cells, optionsOf };
}

function checked(options: ServeOptions): ServeOptions {
  if (options.volunteers === 0) throw usageFailure('--volunteers must be at least 1 in a sweep.');
  if (options.target.kind !== 'samples')
    throw usageFailure('The target of a sweep is a number of --samples, so that its rows can be compared.');
  if (options.innerSteps === 'auto')
    throw usageFailure(
      '--inner-steps must be a number in a sweep: nothing is slow there that steps could follow from.',
    );
  return options;
}

/** Runs what is not done yet, writes the report, resolves to the sentence. Throws sentences. */
export async function runSweep(request: SweepFlags, parts: SweepParts): Promise<string> {
  const sweep = planSweep(request, parts.env);
  const out = resolve(parts.cwd, request.out);
  const first = sweep.optionsOf(sweep.cells[0] as Cell);
  await mkdir(out, { recursive: true });
  const csv = join(out, 'results.csv');
  const done = await earlierRows(sweep, csv);
  await claim(
    join(out, 'sweep.json'),
    JSON.stringify(descriptionOf(request, sweep, first, parts.cwd), null, 2),
  );
  const dataDir = join(parts.cwd, '.murmur', 'sweep-data', dataKey(first));
  const withLabels = sweep.cells.some((cell) => leasesLabels(sweep.optionsOf(cell).objective));
  const report = await openData(first, { dataDir, withLabels }, parts);
  const crew = createCrew(Math.min(request.jobs, sweep.cells.length), {
    dataDir,
    evalSamples: first.evalSamples,
  });
  try {
    const rows = await fill({ sweep, crew, done, parts, csv });
    const sentence = await writeReport({
      ...request,
      ...sweep,
      out,
      rows,
      data: report.manifest.name,
      options: first,
    });
    parts.event({ event: 'swept', out, sentence });
    return sentence;
  } finally {
    await crew.close();
  }
}

const dataKey = ({ data, imageSize, patch }: ServeOptions): string =>
  [data, imageSize ?? '', patch ?? '']
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(-80);

const descriptionOf = (request: SweepFlags, sweep: Sweep, first: ServeOptions, cwd: string): object => ({
  vary: request.vary,
  samples: first.target.amount,
  evalSamples: first.evalSamples,
  ...Object.fromEntries(
    Object.entries(fixedSettings(first, cwd)).filter(
      ([name]) => !['data', 'seed', ...sweep.names].includes(name),
    ),
  ),
});

/** Rows of different sweeps must not meet in one folder. */
async function claim(path: string, description: string): Promise<void> {
  if (!(await exists(path))) return writeAtomically(path, description);
  if ((await readFile(path, 'utf8')) === description) return;
  throw new Failure(
    `${path} describes a sweep with other settings: name another folder with --out, or remove it.`,
  );
}

async function earlierRows({ names, cells }: Sweep, csv: string): Promise<Row[]> {
  const rows = (await exists(csv)) ? fromCsv(await readFile(csv, 'utf8'), names, csv) : [];
  return rows.filter((row) => cells.some((cell) => sameCell(names, cell, row)));
}

async function openData(
  options: ServeOptions,
  { dataDir, withLabels }: { dataDir: string; withLabels: boolean },
  parts: SweepParts,
): Promise<IngestReport> {
  const reporter = parts.ingestReporter();
  const { data, imageSize, patch } = options;
  try {
    return await parts.ingest({
      source: data === 'glyphs' ? data : resolve(parts.cwd, data),
      outDir: dataDir,
      withLabels,
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

interface Filling {
  readonly sweep: Sweep;
  readonly crew: Crew;
  readonly done: readonly Row[];
  readonly parts: SweepParts;
  readonly csv: string;
}

/** Hands the missing cells out to the threads; each row is on the disk before the next one begins. */
async function fill({ sweep, crew, done, parts, csv }: Filling): Promise<Row[]> {
  const { names, cells } = sweep;
  const find = (rows: readonly Row[], cell: Cell) => rows.find((row) => sameCell(names, row, cell));
  const rows = [...done];
  const waiting = cells.filter((cell) => !find(done, cell));
  const inOrder = () => cells.flatMap((cell) => find(rows, cell) ?? []);
  const baselines = createBaselines(crew);
  let writing = Promise.resolve();
  const work = async (i: number): Promise<void> => {
    for (let cell = waiting.shift(); cell; cell = waiting.shift()) {
      const row = await measure(cell, { sweep, crew, parts, i, baselines });
      rows.push(row);
      writing = writing.then(() => writeAtomically(csv, toCsv(names, inOrder())));
      await writing;
      parts.event({ event: 'configuration', ...row, done: rows.length, total: cells.length });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: crew.size }, (_, i) => work(i)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return inOrder();
}

interface Measuring {
  readonly sweep: Sweep;
  readonly crew: Crew;
  readonly parts: SweepParts;
  /** The thread that does it. */
  readonly i: number;
  readonly baselines: ReturnType<typeof createBaselines>;
}

async function measure(cell: Cell, { sweep, crew, parts, i, baselines }: Measuring): Promise<Row> {
  const options = sweep.optionsOf(cell);
  const pixels = await baselines.pixels(i);
  const untrained = await baselines.untrained(i, options);
  const name = [...sweep.names.map((name) => `${name} ${cell.levels[name]}`), `seed ${cell.seed}`].join(
    ' · ',
  );
  let next = 0.1;
  const answer = await crew.ask(i, { type: 'run', options }, (samples) => {
    const share = samples / options.target.amount;
    if (share < next) return;
    next += 0.1;
    parts.progress(`${name} · ${Math.min(100, Math.round(100 * share))} %`);
  });
  if (answer.type !== 'ran') throw new Error(`sweep: expected a run, received ${answer.type}`);
  return { ...cell, result: answer.result satisfies RunResult, untrained, pixels };
}

/** The two baselines, each measured once: raw pixels, and the untrained encoder of each size and seed. */
function createBaselines(crew: Crew) {
  const known = new Map<string, Promise<Shares>>();
  // A thread may ask for what another one measures: it waits for that.
  const once = (name: string, ask: () => ReturnType<Crew['ask']>): Promise<Shares> => {
    const found = known.get(name) ?? ask().then(scoreIn);
    known.set(name, found);
    return found;
  };
  return {
    pixels: (i: number) => once('pixels', () => crew.ask(i, { type: 'pixels' })),
    untrained: (i: number, options: ServeOptions) =>
      once(`${options.preset} ${options.seed}`, () => crew.ask(i, { type: 'untrained', options })),
  };
}

function scoreIn(answer: Awaited<ReturnType<Crew['ask']>>): Shares {
  if (answer.type === 'scored') return answer.score;
  throw new Error(`sweep: expected a score, received ${answer.type}`);
}
