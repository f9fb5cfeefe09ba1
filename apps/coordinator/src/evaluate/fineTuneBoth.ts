import { bootstrapMean, pairedDifferences, type Estimate } from '@murmur/core/evaluate/bootstrap';
import { fineTune, PROCEDURES, type FineTuneScope, type FineTuneScore } from '@murmur/core/evaluate/fineTune';
import type { EvaluationSplit } from '@murmur/core/evaluate/score';
import { fold, key } from '@murmur/core/random/key';
import type { EvaluationJob, EvaluationReport, FineTuned } from './evaluationMessages.ts';

const NAMES: Readonly<Record<FineTuneScope, string>> = { lastLayer: 'the last layer', full: 'all layers' };

type Scores = Readonly<Record<FineTuneScope, FineTuneScore>>;

/** Fine-tunes the encoder and the one that it began as, by the same procedure in the same order of pictures. */
export async function fineTuneBoth(
  job: EvaluationJob,
  split: EvaluationSplit,
  tell: (sentence: string) => void,
): Promise<NonNullable<EvaluationReport['fineTuned']>> {
  const from = fold(key(job.seed), 'fine-tuning');
  const run = (scope: FineTuneScope, params: Float32Array, what: string): Promise<FineTuneScore> => {
    const { epochs } = PROCEDURES[scope];
    const onEpoch = (epoch: number, loss: number) =>
      tell(
        `fine-tuning ${NAMES[scope]} from ${what}: epoch ${epoch + 1} of ${epochs}, loss ${loss.toFixed(3)}`,
      );
    const task = { ...job.labelled, spec: job.spec, token: job.token, params };
    return fineTune(scope, task, { split, key: fold(from, scope), onEpoch });
  };
  const both = async (params: Float32Array, what: string): Promise<Scores> => ({
    lastLayer: await run('lastLayer', params, what),
    full: await run('full', params, what),
  });
  const [encoder, untrained] = [
    await both(job.params, 'this version'),
    await both(job.untrained, 'the untrained encoder'),
  ];
  const gainOf = (scope: FineTuneScope) =>
    bootstrapMean(
      fold(fold(from, 'gain'), scope),
      pairedDifferences(encoder[scope].hits, untrained[scope].hits),
    );
  const gain = { lastLayer: gainOf('lastLayer'), full: gainOf('full') };
  return { encoder: estimates(encoder), untrained: estimates(untrained), gain };
}

const estimate = ({ value, low, high }: Estimate): Estimate => ({ value, low, high });
const estimates = ({ lastLayer, full }: Scores): FineTuned => ({
  lastLayer: estimate(lastLayer),
  full: estimate(full),
});
