import { evaluationSplit } from '@murmur/core/evaluate/score';
import { rowsOfSet } from '../evaluate/rowsOfSet.ts';
import { readLabelled, type ReadLabelled } from '../ingest/labelledPictures.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { Failure, usageFailure } from './failure.ts';
import type { OpenVersion } from './openModel.ts';

export interface PicturesRequest {
  /** Absolute, or the word "glyphs"; left out: the evaluation set of the run. */
  readonly data: string | undefined;
  readonly labels: number | undefined;
  readonly tests: number | undefined;
  readonly seed: number;
}

const DEFAULT_COUNT = 10_000;

/** The labelled pictures that an encoder is to be evaluated on, in its shape. Throws a sentence. */
export function labelledFor(
  opened: OpenVersion,
  request: PicturesRequest,
  reporter: IngestReporter,
): Promise<ReadLabelled> {
  const { data, seed, labels = DEFAULT_COUNT, tests = DEFAULT_COUNT } = request;
  if (data === undefined) return ownEvaluationSet(opened, request);
  const { imageSize: side, numChannels: channels, patchSize: patch } = opened.spec.config;
  return readLabelled({
    source: data,
    picture: { side, channels, patch },
    labels,
    tests,
    seed,
    onProgress: (progress) => reporter.update(progress),
  });
}

/** The pictures that the run's own scores are measured on; without numbers the very choice that they are. */
async function ownEvaluationSet(
  { run }: OpenVersion,
  { labels, tests, seed }: PicturesRequest,
): Promise<ReadLabelled> {
  if (run === undefined)
    throw usageFailure('An exported encoder has no evaluation set: name labelled pictures by --data.');
  const set = await run.dataset.evaluation();
  if (set?.labels === undefined || set.classes.length < 2)
    throw new Failure('The evaluation set of the run has no labels: name labelled pictures by --data.');
  const cap = labels === undefined && tests === undefined ? run.settings.evalSamples : set.count;
  const split = evaluationSplit(seed, set.count, cap);
  const chosen = { test: split.test.subarray(0, tests), train: split.train.subarray(0, labels) };
  if (chosen.test.length === 0) {
    const count = `${set.count} labelled picture${set.count === 1 ? '' : 's'}`;
    throw new Failure(`The evaluation set of the run has ${count}: too few, name others by --data.`);
  }
  return {
    ...rowsOfSet({ ...set, labels: set.labels }, chosen),
    notes: [`Measured on the evaluation set of the run (${set.origin}), which no volunteer was given.`],
  };
}
