import { writeAtomically } from './atomicFile.ts';
import { chooseShape } from './chooseShape.ts';
import type { ShapeFlags } from './chooseShape.ts';
import { datasetFiles } from './dataset.ts';
import { detect } from './detect.ts';
import { fingerprint } from './fingerprint.ts';
import { InputError, naming } from './inputError.ts';
import type { IngestReport } from './ingestReport.ts';
import { labelClasses } from './labelClasses.ts';
import { openSource } from './openSource.ts';
import { planSplit } from './planSplit.ts';
import { readPictures } from './readPictures.ts';
import { earlierReport } from './reuse.ts';
import type { Source } from './source.ts';
import { sourceName } from './sourceName.ts';
import { withWorkFolder } from './workFolder.ts';
import { publishDataset, writeSets } from './writeDataset.ts';

export interface IngestProgress {
  /** Looking through the source; reading its pictures; shuffling and writing shards. */
  readonly phase: 'look' | 'read' | 'write';
  /** Pictures done in this phase, of `total` where that is known. */
  readonly done: number;
  readonly total?: number;
}

export interface IngestOptions extends ShapeFlags {
  /** A folder, a file, a pattern of files or the word "glyphs". */
  readonly source: string;
  readonly outDir: string;
  readonly seed: number;
  /** Writes the labels of the training pictures into the shards, and so hands them to volunteers (SH3). */
  readonly withLabels?: boolean;
  /** Most pictures in the evaluation set. */
  readonly evalMax?: number;
  /** Size of a compressed shard to aim at. */
  readonly shardBytes?: number;
  readonly onProgress?: (progress: IngestProgress) => void;
}

const DEFAULT_EVAL_MAX = 10_000;
const DEFAULT_SHARD_BYTES = 1.5 * 2 ** 20;
const PROGRESS_EVERY = 256;

/** What the steps of one ingest share. */
interface Job extends IngestOptions {
  readonly name: string;
  readonly withLabels: boolean;
  readonly evalMax: number;
  readonly shardBytes: number;
  readonly work: string;
  report(phase: IngestProgress['phase'], done: number, total?: number): void;
}

function counter(job: Job, phase: IngestProgress['phase'], total: number): () => void {
  let done = 0;
  return () => {
    done++;
    if (done % PROGRESS_EVERY === 0 || done === total) job.report(phase, done, total);
  };
}

function unlabelledNote(source: Source, labelled: boolean): string[] {
  if (labelled) return [];
  const why =
    source.classes === undefined ? 'The source has no labels' : 'The evaluation pictures have no labels';
  return [`${why}, so kNN and probe scores are left out; loss and reconstructions remain.`];
}

async function make(job: Job, source: Source): Promise<IngestReport> {
  const { outDir, work, seed, name, shardBytes, withLabels } = job;
  const labelling = withLabels ? { classCount: labelClasses(source, job.source) } : {};
  const { patch, ...shape } = chooseShape(source.extent, job);
  const onRead = counter(job, 'read', source.extent.count);
  const read = await readPictures(source, { shape, folder: work, name: job.source, onPicture: onRead });
  const plan = planSplit(read.spools, job.evalMax, job.source);
  const onPicture = counter(job, 'write', plan.trainingCount);
  const classes = source.classes ?? [];
  const target = { outDir, work, seed, shape, classes, withLabels, shardBytes, onPicture };
  const { labelled, ...written } = await writeSets(plan, target);
  const { side, channels } = shape;
  const facts = { name, side, channels, patch, seed, ...labelling, ...written };
  const manifest = { format: 'murmur-dataset-1', ...facts } as const;
  await publishDataset(target, manifest);
  const counts = {
    training: plan.trainingCount,
    evaluation: plan.evaluationCount,
    skipped: read.skippedCount,
  };
  const notes = [...source.notes, ...plan.notes, ...unlabelledNote(source, labelled)];
  return { manifest, counts, skipped: [...read.skipped], labelled, notes, reused: false };
}

/**
 * Turns a source into shards, a manifest and an evaluation set below `outDir`, as streams: memory does not grow
 * with the data set. The same files, options and seed give the same bytes; done before, it is not done again.
 * Throws InputError, whose message is for a person.
 */
export async function ingest(options: IngestOptions): Promise<IngestReport> {
  const {
    evalMax = DEFAULT_EVAL_MAX,
    shardBytes = DEFAULT_SHARD_BYTES,
    withLabels = false,
    onProgress,
    outDir,
    source,
  } = options;
  if (!Number.isSafeInteger(options.seed))
    throw new InputError(`A seed of ${options.seed} is not a whole number.`);
  return naming(outDir, async () => {
    const detected = await detect(source);
    const { seed, imageSize, patch } = options;
    const id = await fingerprint(detected, {
      source: sourceName(source),
      seed,
      imageSize,
      patch,
      evalMax,
      shardBytes,
      withLabels,
    });
    const earlier = await earlierReport(outDir, id);
    if (earlier !== undefined) return earlier;
    return withWorkFolder(outDir, async (work) => {
      const report: Job['report'] = (phase, done, total) =>
        onProgress?.({ phase, done, ...(total === undefined ? {} : { total }) });
      const job: Job = {
        ...options,
        name: sourceName(source),
        evalMax,
        shardBytes,
        withLabels,
        work,
        report,
      };
      const opened = await openSource(detected, (done) => report('look', done));
      const made = await make(job, opened);
      await writeAtomically(
        datasetFiles.ingest(outDir),
        JSON.stringify({ fingerprint: id, report: made }, null, 2),
      );
      return made;
    });
  });
}
