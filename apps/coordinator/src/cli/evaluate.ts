import { resolve } from 'node:path';
import { tokenNames, type TokenName } from '@murmur/core/objectives/encodePictures';
import type { EvaluationJob, EvaluationReport } from '../evaluate/evaluationMessages.ts';
import { EvaluationError } from '../evaluate/runEvaluation.ts';
import type { IngestReporter } from '../observe/ingestProgress.ts';
import { evaluationEvent } from '../observe/evaluationEvent.ts';
import { evaluationLines } from '../observe/evaluationLines.ts';
import { labelledFor } from './evaluationPictures.ts';
import { EXIT, Failure, usageFailure } from './failure.ts';
import { openVersion } from './openVersion.ts';

export interface EvaluateFlags {
  readonly data?: string;
  readonly runDir?: string;
  readonly labels?: string;
  readonly tests?: string;
  readonly token: string;
  readonly fineTune?: boolean;
  readonly fewLabel?: boolean;
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

/** Measures a version beside its baselines and prints what it found. Resolves to the exit code; throws a sentence. */
export async function evaluate(parts: EvaluateParts, version: string, flags: EvaluateFlags): Promise<number> {
  const { cwd, tell } = parts;
  const token = tokenOf(flags.token);
  const request = picturesAsked(flags, cwd);
  const { seed } = request;
  const opened = await openVersion({ version, runDir: flags.runDir, cwd, seed });
  const reporter = parts.ingestReporter();
  const { notes, ...labelled } = await labelledFor(opened, request, reporter).finally(() => reporter.stop());
  notes.forEach(tell);
  const { spec, params, untrained, name } = opened;
  const asked = { fewLabel: flags.fewLabel === true, fineTune: flags.fineTune === true };
  const job = { spec, params, untrained, labelled, token, seed, ...asked };
  const report = await parts.runEvaluation(job, tell).catch((cause: unknown) => {
    throw cause instanceof EvaluationError ? new Failure(cause.message, undefined, { cause }) : cause;
  });
  const facts = { version: name, data: request.data ?? 'the evaluation set of the run', token, report };
  if (flags.json) parts.print(JSON.stringify(evaluationEvent(facts)));
  else evaluationLines(facts).forEach(parts.print);
  return EXIT.success;
}

function tokenOf(given: string): TokenName {
  const token = tokenNames.find((name) => name === given);
  if (token !== undefined) return token;
  throw usageFailure(`--token must be one of ${tokenNames.join(', ')}, not "${given}".`);
}

function picturesAsked({ data, labels, tests, seed }: EvaluateFlags, cwd: string) {
  return {
    data: data === undefined || data === 'glyphs' ? data : resolve(cwd, data),
    labels: labels === undefined ? undefined : wholeNumber('--labels', labels, 1),
    tests: tests === undefined ? undefined : wholeNumber('--tests', tests, 1),
    seed: wholeNumber('--seed', seed, 0),
  };
}

function wholeNumber(flag: string, given: string, least: number): number {
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value < 2 ** 32) return value;
  throw usageFailure(`${flag} must be a whole number from ${least} on, not "${given}".`);
}
