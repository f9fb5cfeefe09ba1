import type { Estimate } from '@murmur/core/evaluate/bootstrap';
import type { ByMeasure, RepresentationScore } from '@murmur/core/evaluate/score';
import type { TokenName } from '@murmur/core/objectives/encodePictures';
import type { Baselines, EvaluationReport } from '../evaluate/evaluationMessages.ts';

export interface EvaluationFacts {
  readonly version: string;
  readonly data: string;
  readonly token: TokenName;
  readonly report: EvaluationReport;
}

/** What `murmur evaluate --json` prints: shares of 1, with 95 % intervals. */
export interface EvaluationEvent extends ByMeasure<Estimate> {
  readonly event: 'evaluate';
  readonly version: string;
  readonly data: string;
  readonly token: TokenName;
  readonly labels: number;
  readonly tests: number;
  readonly baselines: Baselines<ByMeasure<Estimate>>;
  readonly gains: Baselines<ByMeasure<Estimate>>;
  readonly seconds: number;
}

const estimates = ({ knn, probe, intervals }: RepresentationScore): ByMeasure<Estimate> => ({
  knn: { value: knn, ...intervals.knn },
  probe: { value: probe, ...intervals.probe },
});

export function evaluationEvent({ version, data, token, report }: EvaluationFacts): EvaluationEvent {
  const { encoder, baselines, gains, seconds } = report;
  return {
    event: 'evaluate',
    version,
    data,
    token,
    labels: encoder.trainCount,
    tests: encoder.testCount,
    ...estimates(encoder),
    baselines: { untrained: estimates(baselines.untrained), pixels: estimates(baselines.pixels) },
    gains,
    seconds,
  };
}

const TOKENS: Readonly<Record<TokenName, string>> = {
  mean: 'the mean of the patch tokens',
  class: 'the class token',
};

const percent = (share: number): string => (100 * share).toFixed(1);
const count = (n: number): string => n.toLocaleString('en');

/** `71.2 (70.1 to 72.3)`. */
const shown = ({ value, low, high }: Estimate): string =>
  `${percent(value)} (${percent(low)} to ${percent(high)})`;

/** A table for people. */
export function evaluationLines(facts: EvaluationFacts): string[] {
  const event = evaluationEvent(facts);
  const { untrained, pixels } = event.baselines;
  const row = (name: string, key: keyof ByMeasure<unknown>) =>
    [name.padEnd(14), ...[event[key], untrained[key], pixels[key]].map((e) => shown(e).padEnd(22))]
      .join('')
      .trimEnd();
  return [
    `version ${event.version.slice(0, 12)} on ${event.data}`,
    `${count(event.labels)} labels to learn from, ${count(event.tests)} pictures to test on, features: ${TOKENS[event.token]}`,
    '',
    `${'% right'.padEnd(14)}${'this version'.padEnd(22)}${'untrained'.padEnd(22)}raw pixels`,
    row('kNN', 'knn'),
    row('linear probe', 'probe'),
    '',
    `In brackets 95 % intervals, by resampling the test pictures. It took ${event.seconds.toFixed(0)} s.`,
  ];
}
