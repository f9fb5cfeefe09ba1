import type { Estimate } from '@murmur/core/evaluate/bootstrap';
import type { FewLabelScore } from '@murmur/core/evaluate/fewLabels';
import type { ByMeasure } from '@murmur/core/evaluate/score';
import type { TokenName } from '@murmur/core/objectives/encodePictures';
import type { Baselines, EvaluationReport, Measured } from '../evaluate/evaluationMessages.ts';

export interface EvaluationFacts {
  readonly version: string;
  readonly data: string;
  readonly token: TokenName;
  readonly report: EvaluationReport;
}

interface Estimates extends ByMeasure<Estimate> {
  readonly fewLabels?: readonly FewLabelScore[];
}

/** What `murmur evaluate --json` prints: shares of 1, with 95 % intervals. */
export interface EvaluationEvent extends Estimates {
  readonly event: 'evaluate';
  readonly version: string;
  readonly data: string;
  readonly token: TokenName;
  readonly labels: number;
  readonly tests: number;
  readonly baselines: Baselines<Estimates>;
  readonly gains: Baselines<ByMeasure<Estimate>>;
  readonly fineTuned?: EvaluationReport['fineTuned'];
  readonly seconds: number;
}

const estimates = ({ score, fewLabels }: Measured): Estimates => ({
  knn: { value: score.knn, ...score.intervals.knn },
  probe: { value: score.probe, ...score.intervals.probe },
  ...(fewLabels.length > 0 && { fewLabels }),
});

export function evaluationEvent({ version, data, token, report }: EvaluationFacts): EvaluationEvent {
  const { encoder, baselines, gains, fineTuned, seconds } = report;
  return {
    event: 'evaluate',
    version,
    data,
    token,
    labels: encoder.score.trainCount,
    tests: encoder.score.testCount,
    ...estimates(encoder),
    baselines: { untrained: estimates(baselines.untrained), pixels: estimates(baselines.pixels) },
    gains,
    ...(fineTuned && { fineTuned }),
    seconds,
  };
}
