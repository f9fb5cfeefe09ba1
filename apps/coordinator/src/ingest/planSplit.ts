import { InputError, counted } from './inputError.ts';
import type { EvaluationOrigin } from './evaluationSet.ts';
import type { Spool } from './spool.ts';
import type { ReadPictures } from './readPictures.ts';

/** Which spool trains, which evaluates (the same one where pictures are held out), and how many do. */
export interface SplitPlan {
  readonly training: Spool;
  /** The first `evaluationCount` of its shuffled records are set aside. */
  readonly evaluation: Spool;
  readonly evaluationCount: number;
  readonly trainingCount: number;
  readonly origin: EvaluationOrigin;
  readonly notes: readonly string[];
}

const HELD_OUT_SHARE = 0.1;
const FEWEST_TRAINING = 16;
const FEW_TRAINING = 64;
/** The evaluator holds its pictures in memory. */
const MAX_EVALUATION_BYTES = 256 * 2 ** 20;

function sizes({ train, test }: ReadPictures['spools'], cap: number): Omit<SplitPlan, 'notes'> {
  if (train.count > 0 && test.count > 0) {
    const evaluationCount = Math.min(test.count, cap);
    return {
      training: train,
      evaluation: test,
      evaluationCount,
      trainingCount: train.count,
      origin: 'test split',
    };
  }
  const all = train.count > 0 ? train : test;
  const evaluationCount = Math.min(cap, Math.max(1, Math.round(HELD_OUT_SHARE * all.count)));
  const trainingCount = all.count - evaluationCount;
  return { training: all, evaluation: all, evaluationCount, trainingCount, origin: 'held-out tenth' };
}

function notesOn(plan: Omit<SplitPlan, 'notes'>, { train, test }: ReadPictures['spools']): string[] {
  const { evaluationCount, trainingCount, origin } = plan;
  const notes: string[] = [];
  if (train.count === 0) notes.push('The source has a test split only, so it is used for training as well.');
  if (origin === 'held-out tenth') {
    notes.push(
      `There is no separate test split: ${counted(evaluationCount, 'picture')} are held out for evaluation.`,
    );
  } else if (evaluationCount < test.count) {
    notes.push(
      `Of the ${test.count} pictures of the test split, ${evaluationCount} are used for evaluation.`,
    );
  }
  if (trainingCount < FEW_TRAINING) {
    notes.push(
      `Only ${counted(trainingCount, 'picture')} are left for training: expect the encoder to learn little.`,
    );
  }
  return notes;
}

/** Decides on the evaluation set. Throws InputError when too few pictures are left to train on. */
export function planSplit(spools: ReadPictures['spools'], evalMax: number, name: string): SplitPlan {
  const pixelBytes = spools.train.recordBytes;
  const plan = sizes(spools, Math.max(1, Math.min(evalMax, Math.floor(MAX_EVALUATION_BYTES / pixelBytes))));
  if (plan.trainingCount < FEWEST_TRAINING) {
    throw new InputError(
      `${name} has ${counted(plan.trainingCount, 'usable picture')} to train on after ${plan.evaluationCount} for evaluation: ` +
        `at least ${FEWEST_TRAINING} are needed. Add pictures.`,
    );
  }
  return { ...plan, notes: notesOn(plan, spools) };
}
