import { resolve } from 'node:path';
import { evaluationSplit } from '@murmur/core/evaluate/score';
import { tokenNames, type TokenName } from '@murmur/core/objectives/encodePictures';
import { rowsOfSet } from '../evaluate/rowsOfSet.ts';
import { EvaluationError } from '../evaluate/runEvaluation.ts';
import type { EvaluationJob, EvaluationReport } from '../evaluate/evaluationMessages.ts';
import { readLabelled, type ReadLabelled } from '../ingest/labelledPictures.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { evaluationEvent, evaluationLines } from '../observe/evaluationLines.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { openVersion, type OpenVersion } from './openVersion.ts';

export interface EvaluateFlags {
  readonly data?: string;
  readonly runDir?: string;
  readonly labels?: string;
  readonly tests?: string;
  readonly token: string;
  readonly seed: string;
  readonly json?: boolean;
}

export interface EvaluateParts {
  readonly cwd: string;
  readonly print: (line: string) => void;
  /** For people, while it works. */
  readonly tell: (sentence: string) => void;
  readonly ingestReporter: () => IngestReporter;
  runEvaluation(job: EvaluationJob, onProgress: (sentence: string) => void): Promise<EvaluationReport>;
}

interface Request {
  readonly data: string | undefined;
  readonly labels: number | undefined;
  readonly tests: number | undefined;
  readonly token: TokenName;
  readonly seed: number;
}

const DEFAULT_COUNT = 10_000;

/** Measures a version beside its baselines and prints what it found. Resolves to the exit code; throws a sentence. */
export async function evaluate(parts: EvaluateParts, version: string, flags: EvaluateFlags): Promise<number> {
  const request = parseFlags(flags, parts.cwd);
  const opened = await openVersion({ version, runDir: flags.runDir, cwd: parts.cwd });
  const { notes, ...labelled } = await labelledFor(opened, request, parts);
  notes.forEach(parts.tell);
  const { token, seed } = request;
  const { spec, params, untrained, name } = opened;
  const job = { spec, params, untrained, labelled, token, seed };
  const report = await parts.runEvaluation(job, parts.tell).catch((cause: unknown) => {
    throw cause instanceof EvaluationError ? new Failure(cause.message, undefined, { cause }) : cause;
  });
  const facts = { version: name, data: request.data ?? 'the evaluation set of the run', token, report };
  if (flags.json) parts.print(JSON.stringify(evaluationEvent(facts)));
  else evaluationLines(facts).forEach(parts.print);
  return EXIT.success;
}

function parseFlags({ data, labels, tests, token, seed }: EvaluateFlags, cwd: string): Request {
  const named = tokenNames.find((name) => name === token);
  if (named === undefined)
    throw usageFailure(`--token must be one of ${tokenNames.join(', ')}, not "${token}".`);
  return {
    data: data === undefined || data === 'glyphs' ? data : resolve(cwd, data),
    labels: labels === undefined ? undefined : wholeNumber('--labels', labels, 1),
    tests: tests === undefined ? undefined : wholeNumber('--tests', tests, 1),
    token: named,
    seed: wholeNumber('--seed', seed, 0),
  };
}

function wholeNumber(flag: string, given: string, least: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value < 2 ** 32) return value;
  throw usageFailure(`${flag} must be a whole number from ${least} on, not "${given}".`);
}

async function labelledFor(
  opened: OpenVersion,
  request: Request,
  parts: EvaluateParts,
): Promise<ReadLabelled> {
  const { data, seed, labels = DEFAULT_COUNT, tests = DEFAULT_COUNT } = request;
  if (data === undefined) return ownEvaluationSet(opened, request);
  const { imageSize: side, numChannels: channels, patchSize: patch } = opened.spec.config;
  const reporter = parts.ingestReporter();
  try {
    return await readLabelled({
      source: data,
      picture: { side, channels, patch },
      labels,
      tests,
      seed,
      onProgress: (progress) => reporter.update(progress),
    });
  } finally {
    reporter.stop();
  }
}

/** The pictures that the run's own scores are measured on, chosen like there where no number is given. */
async function ownEvaluationSet(
  { run }: OpenVersion,
  { labels, tests, seed }: Request,
): Promise<ReadLabelled> {
  if (run === undefined)
    throw usageFailure('A file has no evaluation set of its own: name labelled pictures by --data.');
  const set = await run.dataset.evaluation();
  if (set?.labels === undefined || set.classes.length < 2)
    throw new Failure('The evaluation set of the run has no labels: name labelled pictures by --data.');
  const cap = labels === undefined && tests === undefined ? run.settings.evalSamples : set.count;
  const split = evaluationSplit(seed, set.count, cap);
  const chosen = { test: split.test.subarray(0, tests), train: split.train.subarray(0, labels) };
  return { ...rowsOfSet({ ...set, labels: set.labels }, chosen), notes: ownNotes(set.origin) };
}

const ownNotes = (origin: string): string[] => [
  `Measured on the evaluation set of the run (${origin}), which no volunteer was given.`,
];
