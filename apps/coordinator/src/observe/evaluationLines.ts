import type { Estimate } from '@murmur/core/evaluate/bootstrap';
import { evaluationEvent, type EvaluationEvent, type EvaluationFacts } from './evaluationEvent.ts';

const TOKENS: Readonly<Record<EvaluationEvent['token'], string>> = {
  mean: 'mean of patch tokens',
  class: 'class token',
};
const [NAME_WIDTH, COLUMN_WIDTH] = [24, 24];

const percent = (share: number): string => (100 * share).toFixed(1);
const count = (n: number): string => n.toLocaleString('en');

/** `71.2 (70.1 to 72.3)`. */
const shown = ({ value, low, high }: Estimate): string =>
  `${percent(value)} (${percent(low)} to ${percent(high)})`;

const signed = (share: number): string => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
const shownGain = ({ value, low, high }: Estimate): string =>
  `${signed(value)} (${signed(low)} to ${signed(high)})`;

const row = (name: string, cells: readonly string[]): string =>
  [name.padEnd(NAME_WIDTH), ...cells.map((cell) => cell.padEnd(COLUMN_WIDTH))].join('').trimEnd();

/** A table for people. */
export function evaluationLines(facts: EvaluationFacts): string[] {
  const event = evaluationEvent(facts);
  const { untrained, pixels } = event.baselines;
  const measures = (key: 'knn' | 'probe') => [event[key], untrained[key], pixels[key]].map(shown);
  const gains = (key: 'knn' | 'probe') =>
    [event.gains.untrained[key], event.gains.pixels[key]].map(shownGain);
  return [
    `version ${/^[0-9a-f]{64}$/.test(event.version) ? event.version.slice(0, 12) : event.version} on ${event.data}`,
    `${count(event.labels)} labels to learn from, ${count(event.tests)} pictures to test on, features: ${TOKENS[event.token]}`,
    '',
    row('% right', ['this version', 'untrained', 'raw pixels']),
    row('kNN', measures('knn')),
    row('  better by', ['', ...gains('knn')]),
    row('linear probe', measures('probe')),
    row('  better by', ['', ...gains('probe')]),
    ...fewLabelRows(event),
    ...fineTuneRows(event),
    '',
    `In brackets 95 % intervals, by resampling the test pictures. It took ${event.seconds.toFixed(0)} s.`,
  ];
}

function fewLabelRows({ fewLabels = [], baselines }: EvaluationEvent): string[] {
  return fewLabels.map((score, i) => {
    const others = [baselines.untrained, baselines.pixels].flatMap((of) => of.fewLabels?.[i] ?? []);
    return row(`probe, ${count(score.labels)} labels ×${score.draws}`, [score, ...others].map(shown));
  });
}

function fineTuneRows({ fineTuned }: EvaluationEvent): string[] {
  if (fineTuned === undefined) return [];
  const { encoder, untrained, gain } = fineTuned;
  const of = (name: string, scope: 'lastLayer' | 'full') => [
    row(name, [encoder[scope], untrained[scope]].map(shown)),
    row('  better by', ['', shownGain(gain[scope])]),
  ];
  return [...of('last layer, fine-tuned', 'lastLayer'), ...of('all layers, fine-tuned', 'full')];
}
